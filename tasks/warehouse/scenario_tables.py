"""The input tables that follow from a scenario's settings alone: one function per table yields its rows.

What a model can compute is not computed here: SQL cumulates shares and multiplies hazards.
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from settings import Scenario
from settings.models.workforce import ATTRIBUTES, band_labels, value_of
from tasks.warehouse.database import InputRow

RowsOf = Callable[[Scenario], Iterable[InputRow]]

#: Table of schema `inputs` → its columns, and the function that yields its rows for one scenario.
PER_SCENARIO: dict[str, tuple[str, RowsOf]] = {}


def _table(name: str, columns: str) -> Callable[[RowsOf], RowsOf]:
    """Register a function that yields a scenario's rows of a table, in the order of the columns."""

    def register(rows: RowsOf) -> RowsOf:
        PER_SCENARIO[name] = columns, rows
        return rows

    return register


@_table("scenarios", "scenario_id varchar, description varchar")
def _scenario(scenario: Scenario) -> Iterator[InputRow]:
    yield scenario.id, scenario.description


@_table(
    "yearly_parameters",
    "scenario_id varchar, simulation_year integer, mode varchar, target_growth_rate decimal(18, 12), "
    "total_termination_rate decimal(18, 12), new_hire_termination_rate decimal(18, 12), "
    "promotion_base_hazard decimal(18, 12), promotion_level_damping decimal(18, 12), "
    "promotion_raise_min decimal(9, 6), promotion_raise_max decimal(9, 6), "
    "transfer_base_hazard decimal(18, 12), hires bigint, cola_rate decimal(9, 6), "
    "merit_budget decimal(9, 6), merit_spread decimal(9, 6), eligibility_cutoff date, "
    "enforce_minimum boolean, has_growth_target boolean",
)
def _yearly_parameters(scenario: Scenario) -> Iterator[InputRow]:
    simulation, workforce = scenario.settings.simulation, scenario.settings.workforce
    compensation, hires = scenario.settings.compensation, scenario.settings.hiring.hires
    cutoff = compensation.eligibility_cutoff
    for year in simulation.years:
        yield (
            scenario.id,
            year,
            simulation.mode,
            simulation.target_growth_rate.at(year),
            workforce.total_termination_rate.at(year),
            workforce.new_hire_termination_rate.at(year),
            workforce.promotion.base.at(year),
            workforce.promotion.level_damping,
            workforce.promotion_raise.min,
            workforce.promotion_raise.max,
            workforce.transfer.base.at(year) if workforce.transfer else 0,
            hires.at(year) if hires else None,
            compensation.cola_rate.at(year),
            compensation.merit_budget.at(year),
            compensation.merit_spread,
            simulation.calendar.date_in(year + cutoff.year_offset, cutoff.month, cutoff.day),
            compensation.enforce_minimum,
            scenario.settings.has_growth_target,
        )


@_table(
    "causes",
    "scenario_id varchar, simulation_year integer, cause varchar, cause_number integer, "
    "base_hazard decimal(18, 12), min_age integer, min_tenure integer, mandatory_age integer",
)
def _causes(scenario: Scenario) -> Iterator[InputRow]:
    for year in scenario.settings.simulation.years:
        for number, (name, cause) in enumerate(scenario.settings.workforce.termination.items(), start=1):
            eligible = cause.eligible
            yield (
                scenario.id,
                year,
                name,
                number,
                cause.base.at(year),
                eligible.min_age if eligible else 0,
                eligible.min_tenure if eligible else 0,
                cause.mandatory_age,
            )


@_table(
    "factors",
    "scenario_id varchar, rate varchar, cause varchar, attribute varchar, value varchar, factor double",
)
def _factors(scenario: Scenario) -> Iterator[InputRow]:
    for key, factors in scenario.settings.workforce.factors_by_rate.items():
        rate, _, cause = key.partition(".")
        for attribute, table in factors.items():
            for name, factor in table.items():
                if factor != 1:
                    value = name if attribute in ATTRIBUTES else value_of(name)
                    yield scenario.id, rate, cause or None, attribute, value, factor


@_table(
    "levels",
    "scenario_id varchar, simulation_year integer, level integer, level_name varchar, "
    "min_salary decimal(14, 2), max_salary decimal(14, 2), hire_share decimal(18, 12), "
    "merit_multiplier decimal(9, 6)",
)
def _levels(scenario: Scenario) -> Iterator[InputRow]:
    settings = scenario.settings
    for year in settings.simulation.years:
        for number, level in settings.workforce.levels.items():
            yield (
                scenario.id,
                year,
                number,
                level.name,
                level.min_salary.at(year),
                level.max_salary.at(year),
                settings.hiring.level_mix.get(number, 0),
                settings.compensation.merit_multipliers[number],
            )


@_table(
    "bands",
    "scenario_id varchar, attribute varchar, band varchar, lower_bound integer, upper_bound integer",
)
def _bands(scenario: Scenario) -> Iterator[InputRow]:
    workforce = scenario.settings.workforce
    for attribute, bounds in (("age", workforce.age_bands), ("tenure", workforce.tenure_bands)):
        for label, lower, upper in zip(band_labels(bounds), bounds, [*bounds[1:], None], strict=True):
            yield scenario.id, attribute, label, lower, upper


@_table(
    "effective_dates",
    "scenario_id varchar, raise_type varchar, month_of_year integer, day_of_month integer, "
    "share decimal(18, 12)",
)
def _effective_dates(scenario: Scenario) -> Iterator[InputRow]:
    for raise_type, dates in scenario.settings.compensation.effective_dates:
        for month_day, share in dates.items():
            month, day = month_day.split("-")
            yield scenario.id, raise_type, int(month), int(day), share


@_table(
    "cost_rates",
    "scenario_id varchar, simulation_year integer, level integer, bonus_rate decimal(9, 6), "
    "benefits_rate decimal(9, 6), benefits_amount decimal(14, 2), "
    "payroll_tax_rate decimal(9, 6), payroll_tax_amount decimal(14, 2), "
    "recruiting_rate decimal(9, 6), recruiting_amount decimal(14, 2), "
    "severance_rate decimal(9, 6), severance_amount decimal(14, 2)",
)
def _cost_rates(scenario: Scenario) -> Iterator[InputRow]:
    settings = scenario.settings
    cost = settings.cost
    for year in settings.simulation.years:
        for level in settings.workforce.levels:
            bonus = cost.bonus_rates.get(level)
            yield (
                scenario.id,
                year,
                level,
                bonus.at(year) if bonus else 0,
                *(
                    figure.at(year)
                    for item in (cost.benefits, cost.payroll_tax, cost.recruiting, cost.severance)
                    for figure in (item.rate, item.amount)
                ),
            )


@_table("hire_ages", "scenario_id varchar, age integer, weight decimal(18, 12)")
def _hire_ages(scenario: Scenario) -> Iterator[InputRow]:
    for age, weight in scenario.settings.hiring.age_weights.items():
        yield scenario.id, age, weight


@_table("hire_fte_mix", "scenario_id varchar, fte decimal(7, 6), share decimal(18, 12)")
def _hire_fte_mix(scenario: Scenario) -> Iterator[InputRow]:
    for fte, share in (scenario.settings.hiring.fte_mix or {}).items():
        yield scenario.id, fte, share


@_table("seasons", "scenario_id varchar, season varchar, month_of_year integer, weight decimal(18, 12)")
def _seasons(scenario: Scenario) -> Iterator[InputRow]:
    """No rows for equal weights, with which all days are alike."""
    settings = scenario.settings
    seasons: dict[str, list[Decimal] | None] = {
        "hire": settings.hiring.months,
        "termination": settings.workforce.termination_months,
    }
    for season, weights in seasons.items():
        if weights and len(set(weights)) > 1:
            for month, weight in enumerate(weights, start=1):
                yield scenario.id, season, month, weight
