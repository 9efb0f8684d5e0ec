"""Write settings and census to the tables that dbt reads (schema `inputs`).

One function per table yields its rows; `write_inputs` creates and fills the tables. What a model can compute
is not computed here: SQL cumulates shares and multiplies hazards.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple
from datetime import date

import duckdb
import polars as pl

from settings import Scenario, Settings
from settings.models.workforce import band_labels
from tasks.census.history import HISTORY
from tasks.census.read import Census
from tasks.plan.accepted import Plans
from tasks.text.advice import ADVICE
from tasks.warehouse.database import InputRow, insert_rows

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
    "termination_base_hazard decimal(18, 12), promotion_base_hazard decimal(18, 12), "
    "promotion_level_damping decimal(18, 12), promotion_raise_min decimal(9, 6), "
    "promotion_raise_max decimal(9, 6), cola_rate decimal(9, 6), merit_budget decimal(9, 6), "
    "merit_spread decimal(9, 6), eligibility_cutoff date",
)
def _yearly_parameters(scenario: Scenario) -> Iterator[InputRow]:
    simulation, workforce = scenario.settings.simulation, scenario.settings.workforce
    compensation = scenario.settings.compensation
    cutoff = compensation.eligibility_cutoff
    for year in simulation.years:
        yield (
            scenario.id,
            year,
            simulation.mode,
            simulation.target_growth_rate.at(year),
            workforce.total_termination_rate.at(year),
            workforce.new_hire_termination_rate.at(year),
            workforce.termination_hazard.base.at(year),
            workforce.promotion_hazard.base.at(year),
            workforce.promotion_hazard.level_damping,
            workforce.promotion_raise.min,
            workforce.promotion_raise.max,
            compensation.cola_rate.at(year),
            compensation.merit_budget.at(year),
            compensation.merit_spread,
            date(year + cutoff.year_offset, cutoff.month, cutoff.day),
        )


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
    "scenario_id varchar, attribute varchar, band varchar, lower_bound integer, upper_bound integer, "
    "termination_multiplier double, promotion_multiplier double",
)
def _bands(scenario: Scenario) -> Iterator[InputRow]:
    workforce = scenario.settings.workforce
    for attribute, bounds in (("age", workforce.age_bands), ("tenure", workforce.tenure_bands)):
        for label, lower, upper in zip(band_labels(bounds), bounds, [*bounds[1:], None], strict=True):
            yield (
                scenario.id,
                attribute,
                label,
                lower,
                upper,
                getattr(workforce.termination_hazard, attribute)[label],
                getattr(workforce.promotion_hazard, attribute)[label],
            )


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


def write_inputs(
    connection: duckdb.DuckDBPyConnection,
    scenarios: Sequence[Scenario],
    replicates: range,
    census: Census,
    plans: Mapping[str, pl.DataFrame] | None = None,
) -> None:
    """Create schema `inputs` again and fill it from the resolved scenarios and the validated census.

    `plans` are the known actions by scenario id.
    """
    connection.execute("drop schema if exists inputs cascade")
    connection.execute("create schema inputs")
    for table, (columns, rows_of) in PER_SCENARIO.items():
        rows = [row for scenario in scenarios for row in rows_of(scenario)]
        _create_table(connection, table, columns, rows)
    connection.execute(
        "create table inputs.replicates as select cast(unnest(range(?, ?)) as integer) as replicate",
        [replicates.start, replicates.stop],
    )
    _write_control(connection, scenarios[0])
    _write_census(connection, scenarios, census)
    _store(connection, "actions", Plans(plans or {}).table)


def write_checks(
    connection: duckdb.DuckDBPyConnection, settings: Settings, census: Census, history: pl.DataFrame
) -> None:
    """Fill the tables that the checks read: severities, tolerances, results of the census, earlier runs."""
    severities = settings.checks.severities.model_dump()
    _create_table(
        connection,
        "checks",
        "check_name varchar, severity varchar, advice varchar",
        [(check, severity, ADVICE[check]) for check, severity in severities.items()],
    )
    tolerances, limits = settings.checks.tolerances, settings.simulation.limits
    _create_table(
        connection,
        "tolerances",
        "merit_cents_per_employee decimal(9, 4), growth decimal(18, 12), growth_history decimal(18, 12), "
        "anomaly_z double, anomaly_history integer, min_growth decimal(18, 12), max_growth decimal(18, 12)",
        [(*tolerances.model_dump().values(), limits.min_growth, limits.max_growth)],
    )
    rejected = census.rejects["row_number"].n_unique() if census.rejects.height else 0
    _create_table(
        connection,
        "census_validation",
        "rows_read bigint, rejected_rows bigint, employees bigint",
        [(census.rows_read, rejected, census.employees.height)],
    )
    _create_table(
        connection,
        "census_rejects",  # without the values, which may be confidential: they are in rejected.csv only
        "row_number bigint, column_name varchar, reason varchar",
        census.rejects.select("row_number", "column", "reason").rows() if census.rejects.height else [],
    )
    _create_table(
        connection,
        "census_findings",
        "check_name varchar, violations bigint, examined bigint, expected varchar, at_fault varchar",
        [astuple(finding) for finding in census.findings],
    )
    _store(connection, "census_history", census.history.cast(HISTORY))
    _create_table(
        connection,
        "sla",
        "run_seconds double, year_seconds double",
        [(settings.sla.run_seconds, settings.sla.year_seconds)],
    )
    _store(connection, "earlier_runs", history)


def write_history(
    connection: duckdb.DuckDBPyConnection, history: Mapping[str, pl.DataFrame], run_id: str
) -> None:
    """Replace the tables that monitoring over all runs reads; `run_id` is this run's."""
    for name, rows in {**history, "this_run": pl.DataFrame({"run_id": [run_id]})}.items():
        connection.execute(f"drop table if exists inputs.{name}")
        _store(connection, name, rows)


def set_simulation_year(connection: duckdb.DuckDBPyConnection, year: int) -> None:
    """Make `year` the year under simulation, which dbt computes."""
    connection.execute("update inputs.run_control set simulation_year = ?", [year])


def _create_table(
    connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Sequence[InputRow]
) -> None:
    # The names and columns are constants of this module.
    connection.execute(f"create table inputs.{name} ({columns})")
    insert_rows(connection, f"inputs.{name}", rows)


def _write_control(connection: duckdb.DuckDBPyConnection, scenario: Scenario) -> None:
    simulation = scenario.settings.simulation
    _create_table(
        connection,
        "run_control",
        "simulation_year integer, start_year integer, random_seed bigint",
        [(simulation.start_year - 1, simulation.start_year, simulation.random_seed)],
    )


def _write_census(
    connection: duckdb.DuckDBPyConnection, scenarios: Sequence[Scenario], census: Census
) -> None:
    """Number the combinations of dimension values in the order of their text, null last."""
    dimensions = list(census.dimensions)
    mixes = _hire_mixes(scenarios, dimensions)
    combinations = (
        pl.concat([census.employees.select(dimensions), mixes.select(dimensions)])
        .unique()
        .sort(dimensions, nulls_last=True)
        .with_row_index("combination_id", offset=1)
        .cast({"combination_id": pl.Int32})
        if dimensions
        else pl.DataFrame({"combination_id": [1]}, schema={"combination_id": pl.Int32})
    )
    _store(connection, "dimension_combinations", combinations)
    _store(
        connection,
        "dimension_values",
        combinations.unpivot(
            on=dimensions, index="combination_id", variable_name="dimension", value_name="dimension_value"
        ).cast({"dimension": pl.String, "dimension_value": pl.String}),
    )
    _store(
        connection,
        "hire_mix",
        _with_combination(mixes, combinations, dimensions).select("scenario_id", "combination_id", "share"),
    )
    _store(
        connection,
        "census",
        _with_combination(census.employees, combinations, dimensions).select(
            "employee_id",
            "birth_date",
            "hire_date",
            "termination_date",
            pl.col("level").cast(pl.Int32),
            "level_inferred",
            pl.col("salary").cast(pl.Decimal(14, 2)),
            "combination_id",
        ),
    )


def _hire_mixes(scenarios: Sequence[Scenario], dimensions: Sequence[str]) -> pl.DataFrame:
    rows = [
        {
            "scenario_id": scenario.id,
            "share": entry.share,
            **{dimension: entry.values.get(dimension) for dimension in dimensions},
        }
        for scenario in scenarios
        for entry in scenario.settings.hiring.dimension_mix or ()
    ]
    schema = pl.Schema(
        [
            ("scenario_id", pl.String),
            ("share", pl.Decimal(18, 12)),
            *((name, pl.String) for name in dimensions),
        ]
    )
    return pl.DataFrame(rows, schema=schema)


def _with_combination(
    rows: pl.DataFrame, combinations: pl.DataFrame, dimensions: Sequence[str]
) -> pl.DataFrame:
    if not dimensions:
        return rows.with_columns(pl.lit(1, dtype=pl.Int32).alias("combination_id"))
    return rows.join(combinations, on=list(dimensions), how="left", nulls_equal=True, maintain_order="left")


def _store(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    connection.register("frame_to_store", frame)
    connection.execute(f"create table inputs.{name} as select * from frame_to_store")  # noqa: S608
    connection.unregister("frame_to_store")
