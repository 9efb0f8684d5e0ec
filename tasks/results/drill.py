"""From a cost to the employees behind it: what each was paid in a month or year, and costs loaded.

Computed from the published events, employee by employee, and held against fct_month_summary: the
salaries must add up to its figure to the cent.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from settings.errors import InputError, nearest
from settings.models.cost import CostSettings
from settings.models.workforce import WorkforceSettings
from tasks.census.parse import NO_VALUE
from tasks.runs.record import RunRecord

#: The columns of amounts of the employees behind a cost.
AMOUNTS = ("salary_cost", "loaded_cost")


class CostDiffers(RuntimeError):
    """The employees' salaries do not add up to the published month."""


@dataclass(frozen=True)
class Scope:
    """Which part of the cost: a path, a month or a year, and a level or values of dimensions."""

    scenario: str
    replicate: int
    year: int
    month: int | None = None
    level: int | None = None
    dimensions: Mapping[str, str] | None = None  # an empty text is null

    @property
    def months(self) -> list[date]:
        """First days of the months."""
        return [date(self.year, month, 1) for month in ([self.month] if self.month else range(1, 13))]


@dataclass(frozen=True)
class Drilled:
    """The employees behind a cost, dearest first, and the published cost itself."""

    employees: pl.DataFrame
    salary_cost: Decimal
    loaded_cost: Decimal


def period(text: str) -> tuple[int, int | None]:
    """Read 2026 or 2026-03. Raises InputError."""
    found = re.fullmatch(r"(\d{4})(?:-(0[1-9]|1[0-2]))?", text)
    if not found:
        raise InputError(f"{text!r} is neither a year, as in 2026, nor a month, as in 2026-03")
    return int(found[1]), int(found[2]) if found[2] else None


def employees_behind(connection: duckdb.DuckDBPyConnection, record: RunRecord, scope: Scope) -> Drilled:
    """Find the employees behind a cost.

    Raises InputError where the scope is of no scenario, replicate, year, level or dimension of the
    run, CostDiffers where the employees do not add up.
    """
    _check(record, scope)
    _check_values(connection, scope)
    connection.execute(_PAID_TO)
    connection.register("cost_rates", _rates(record, scope))
    condition, values = _condition(scope, "spread")
    parameters = {"scenario": scope.scenario, "replicate": scope.replicate, "year": scope.year, **values}
    days = date(scope.year, 12, 31).timetuple().tm_yday
    names = record.census.dimensions
    # without any, there is no column to choose
    dimensions = ", any_value(columns(lambda name: list_contains($names, name)))" if names else ""
    employees = connection.execute(
        _EMPLOYEES.format(condition=condition, dimensions=dimensions),
        {**parameters, "months": scope.months, "days": days, **({"names": names} if names else {})},
    ).pl()
    condition, _ = _condition(scope, "fct_month_summary")
    salary, loaded = connection.execute(
        "select coalesce(sum(salary_cost), 0), coalesce(sum(loaded_cost), 0) from fct_month_summary "  # noqa: S608
        "where scenario_id = $scenario and replicate = $replicate and simulation_year = $year "
        f"and list_contains($months::date[], month) and {condition}",
        {**parameters, "months": scope.months},
    ).fetchone() or (Decimal(0), Decimal(0))
    added = Decimal(str(employees["salary_cost"].sum() or 0))
    if added != salary:
        raise CostDiffers(f"fct_month_summary says {salary:,} for {scope}, the employees' events {added:,}")
    return Drilled(employees, salary, loaded)


def _check(record: RunRecord, scope: Scope) -> None:
    scenarios = record.scenario_ids
    first, last = record.years
    dimensions = record.census.dimensions
    levels = WorkforceSettings.model_validate(record.settings["workforce"]).levels
    for wrong, message in (
        (
            scope.scenario not in scenarios,
            f"--scenario: {scope.scenario!r} is none of {', '.join(scenarios)}",
        ),
        (
            not 1 <= scope.replicate <= record.replicates,
            f"--replicate: 1 to {record.replicates} are there",
        ),
        (not first <= scope.year <= last, f"{scope.year}: the run simulates {first} to {last}"),
        (
            scope.level not in (None, *levels),
            f"--level: {scope.level} is none of {', '.join(map(str, levels))}",
        ),
        *(
            (
                name not in dimensions,
                f"--where: {name!r} is no dimension; there are: {', '.join(dimensions) or 'none'}",
            )
            for name in scope.dimensions or {}
        ),
    ):
        if wrong:
            raise InputError(message)


def _check_values(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Refuse a value that nobody in the run has: a slip of the pen would look like a cost of 0."""
    months = connection.view("fct_month_summary")
    for name, value in (scope.dimensions or {}).items():
        column = duckdb.ColumnExpression(name)
        known = [found or "" for (found,) in months.select(column).distinct().order(f'"{name}"').fetchall()]
        if value not in known:
            named = [one or NO_VALUE for one in known]
            raise InputError(f"--where: nobody has {name} {value or NO_VALUE!r}; {nearest(value, named)}")


def _condition(scope: Scope, relation: str) -> tuple[str, dict[str, Any]]:
    """SQL that holds for the scope's level and dimensions in a relation's rows, and its values, all bound."""
    parts = ["true"]
    values: dict[str, Any] = {}
    if scope.level is not None:
        parts.append("level = $level")
        values["level"] = scope.level
    for number, (name, value) in enumerate((scope.dimensions or {}).items()):
        parts.append(
            f"struct_extract({relation}, $name_{number}) is not distinct from nullif($dimension_{number}, '')"
        )
        values |= {f"name_{number}": name, f"dimension_{number}": value}
    return " and ".join(parts), values


def _rates(record: RunRecord, scope: Scope) -> pl.DataFrame:
    """The scenario's costs of the year, a row per level."""
    settings = next(each.settings for each in record.scenarios if each.id == scope.scenario)
    cost = CostSettings.model_validate(settings["cost"])
    levels = WorkforceSettings.model_validate(settings["workforce"]).levels
    rows = []
    for level in levels:
        bonus = cost.bonus_rates.get(level)
        row: dict[str, Any] = {"level": level, "bonus_rate": float(bonus.at(scope.year)) if bonus else 0.0}
        for name, item in cost:
            if name != "bonus_rates":
                row[f"{name}_rate"] = float(item.rate.at(scope.year))
                row[f"{name}_amount"] = float(item.amount.at(scope.year))
        rows.append(row)
    return pl.DataFrame(rows)


# What was paid from the first day employed in the year to a day, rounded once, in cents.
_PAID_TO = """
create or replace temp macro paid_to(day, opening_cents, raises, first_day, last_day, days) as
    floor((
        opening_cents * greatest(0, least(last_day, day) - first_day + 1)
        + coalesce(list_sum([
            raised.cents * greatest(0, least(last_day, day) - raised.day + 1) for raised in raises
        ]), 0)
    )::double / days + 0.5)::bigint
"""

_EMPLOYEES = """
with months as (
    select unnest($months::date[]) as month
),

events as (
    select
        employee_id,
        arg_min(
            case when event_type = 'hire' then salary_after else salary_before end, event_sequence
        ) as opening_salary,
        list({{'day': event_date, 'cents': cast((salary_after - salary_before) * 100 as bigint)}})
            filter (where event_type in ('cola', 'promotion', 'merit')) as raises,
        min(event_date) filter (where event_type = 'promotion') as promoted_on,
        bool_or(event_reason = 'reduction_in_force') as is_reduction
    from fct_workforce_events
    where scenario_id = $scenario and replicate = $replicate and simulation_year = $year
    group by employee_id
),

people as (
    select
        snapshot.* exclude (level),
        snapshot.level as closing_level,
        events.promoted_on,
        coalesce(events.is_reduction, false) as is_reduction,
        coalesce(events.raises, []) as raises,
        coalesce(events.opening_salary, snapshot.salary) as opening_salary,
        greatest(snapshot.hire_date, make_date($year, 1, 1)) as first_day,
        coalesce(snapshot.termination_date, make_date($year, 12, 31)) as last_day
    from fct_workforce_snapshot as snapshot
    left join events using (employee_id)
    where scenario_id = $scenario and replicate = $replicate and simulation_year = $year
),

spread as (
    select
        people.*,
        closing_level - coalesce(promoted_on > last_day(month), false)::integer as level,
        (
            paid_to(last_day(month), cast(opening_salary * 100 as bigint), raises, first_day, last_day, $days)
            - paid_to(month - 1, cast(opening_salary * 100 as bigint), raises, first_day, last_day, $days)
        ) / 100.0 as salary_cost,
        least(last_day, last_day(month)) - greatest(first_day, month) + 1 as days_employed,
        hire_date >= month and hire_date <= last_day(month) as is_hire_month,
        coalesce(termination_date >= month and termination_date <= last_day(month), false) as is_last_month
    from people
    inner join months on first_day <= last_day(month) and last_day >= month
),

loaded as (
    select
        spread.*,
        salary_cost * (1 + bonus_rate + benefits_rate + (1 + bonus_rate) * payroll_tax_rate)
        + (benefits_amount + payroll_tax_amount) * days_employed / $days
        + is_hire_month::integer * (recruiting_rate * opening_salary + recruiting_amount)
        + (is_last_month and is_reduction)::integer * (severance_rate * salary + severance_amount)
        as loaded_cost
    from spread
    inner join cost_rates using (level)
    where {condition}
)

select
    employee_id,
    max(level) as level {dimensions},
    any_value(hire_date) as hire_date,
    any_value(termination_date) as termination_date,
    cast(sum(days_employed) as integer) as days_employed,
    cast(sum(salary_cost) as decimal(18, 2)) as salary_cost,
    cast(sum(loaded_cost) as decimal(18, 2)) as loaded_cost
from loaded
group by employee_id
order by loaded_cost desc, employee_id
"""
