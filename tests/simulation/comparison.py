"""A small company simulated by the SQL, in memory, and by the model: the first difference between them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from hashlib import md5
from math import isclose
from typing import Any
from uuid import UUID

import polars as pl

from settings import Scenario
from tasks.census.accepted import Census
from tasks.plan.columns import SCHEMA
from tasks.simulation.in_memory import simulate
from tests.simulation.example import DIMENSIONS, Example
from tests.simulation.in_memory import WANTED, database
from tests.simulation.model import Action, Employee, Event, State, Year, simulate_path
from tests.simulation.model.simulation import outcomes_outside

Row = dict[str, Any]
Paths = dict[tuple[str, int], dict[int, Year]]  # scenario, replicate → year
PathYear = tuple[str, int, int]  # scenario, replicate, year


def simulated_by_model(example: Example) -> Paths:
    """The years of every path."""
    company = replace(example.company, places=tuple(example.places), census=tuple(example.census_places))
    return {
        (scenario, replicate): simulate_path(
            company, settings, replicate, example.actions(scenario), example.uncertainty
        )
        for scenario, settings in example.scenarios.items()
        for replicate in settings.simulation.replicate_numbers
    }


def first_difference(example: Example, by_model: Paths) -> str | None:
    """The first difference in readable form, or none; year by year, since later years follow from it."""
    by_sql = _simulated_by_sql(example)
    for scenario, settings in example.scenarios.items():
        actions = example.actions(scenario)
        for replicate in settings.simulation.replicate_numbers:
            years = by_model[scenario, replicate]
            opening: Sequence[Employee] = example.company.employees
            for year, found in years.items():
                key = (scenario, replicate, year)
                expected = _rows_of(key, found, opening)
                for table, rows in expected.items():
                    if difference := _difference(table, by_sql[table].get(key, {}), rows):
                        return f"scenario {scenario}, replicate {replicate}, year {year}: {difference}"
                opening = found.workforce
            outcomes = outcomes_outside(settings, actions)
            for found in years.values():
                outcomes |= found.outcomes
            if outcomes != (settled := by_sql["outcomes"].get((scenario, replicate), {})):
                return (
                    f"scenario {scenario}, replicate {replicate}: actions\nSQL   {settled}\nmodel {outcomes}"
                )
    return None


def _difference(table: str, by_sql: Mapping[str, Any], by_model: Mapping[str, Any]) -> str | None:
    """The first name with other rows; first those with other events, since merit carries over to all."""
    names = sorted({*by_sql, *by_model})
    for alike in (_same_kinds, _same):
        for name in names:
            left, right = by_sql.get(name, []), by_model.get(name, [])
            if not alike(left, right):
                return "\n".join([f"{table} of {name!r}", "SQL", *_lines(left), "model", *_lines(right)])
    return None


def _same_kinds(left: Sequence[Row], right: Sequence[Row]) -> bool:
    return [(row.get("event_type"), row.get("event_date")) for row in left] == [
        (row.get("event_type"), row.get("event_date")) for row in right
    ]


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(_same(*pair) for pair in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, float) and isinstance(right, float):
        return isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(left, Decimal) and isinstance(right, float):  # a sum of doubles, to six decimals
        return isclose(left, right, rel_tol=1e-9, abs_tol=1e-6)
    return bool(left == right)


def _lines(rows: Sequence[Row]) -> list[str]:
    return ["  " + ", ".join(f"{key} {value}" for key, value in row.items()) for row in rows] or ["  nothing"]


def _state(prefix: str, state: State | None) -> Row:
    place = state.place if state else (None,) * len(DIMENSIONS)
    return {
        f"level{prefix}": state and state.level,
        f"salary{prefix}": state and state.pay,
        f"fte{prefix}": state and state.fte,
        **{f"{name}{prefix}": value for name, value in zip(DIMENSIONS, place, strict=True)},
    }


def _event_ids(key: PathYear, events: Sequence[Event]) -> list[str]:
    found: list[str] = []
    counts: dict[str, int] = defaultdict(int)
    for event in events:
        counts[event.kind] += 1
        number = f"|{counts[event.kind]}" if counts[event.kind] > 1 else ""
        text = "|".join(map(str, (*key, event.employee_id, event.kind))) + number
        found.append(str(UUID(md5(text.encode()).hexdigest())))
    return found


def _rows_of(
    key: tuple[str, int, int], year: Year, opening: Sequence[Any]
) -> dict[str, dict[str, list[Row]]]:
    """The model's rows of a year, by table and employee or segment."""
    events = {
        name: [
            {
                "event_date": one.day,
                "event_type": one.kind,
                "event_reason": one.reason,
                "cause": one.cause,
                "event_sequence": one.sequence,
                **_state("_before", one.before),
                **_state("_after", one.after),
                "hazard": one.hazard,
                "draw": one.draw,
                "event_id": event_id,
            }
            for one, event_id in zip(found, _event_ids(key, found), strict=True)
        ]
        for name, found in year.events.items()
        if found
    }
    snapshot = {
        name: [
            {
                "employment_status": "active" if one.last_day is None else "terminated",
                "birth_date": one.employee.birth,
                "hire_date": one.employee.hired,
                "termination_date": one.last_day,
                **_state("", one.employee.state),
                "prorated_compensation": one.prorated,
            }
        ]
        for name, one in year.closing.items()
    }
    segments = {one.segment: [{**vars(one)}] for one in year.segments}
    kinds = [event.kind for found in year.events.values() for event in found]
    summary = {
        "transfers": kinds.count("transfer"),
        "adjustments": kinds.count("adjustment"),
        "opening_fte": sum((one.state.fte for one in opening), Decimal(0)),
        "ending_fte": sum((one.state.fte for one in year.workforce), Decimal(0)),
        "average_fte": _six_decimals(sum((one.average_fte for one in year.closing.values()), Fraction(0))),
    }
    return {
        "events": events,
        "snapshot": snapshot,
        "segments": segments,
        "turnover": {one.cause: [{**vars(one)}] for one in year.turnover},
        "summary": {"all": [summary]},
    }


def _six_decimals(exact: Fraction) -> Decimal:
    return Decimal(int(exact * 1_000_000 + Fraction(1, 2))) / 1_000_000


EVENT = ("event_date", "event_type", "event_reason", "cause", "event_sequence")
STATE = ("level", "salary", "fte", *DIMENSIONS)
BEFORE, AFTER = (tuple(f"{name}_{when}" for name in STATE) for when in ("before", "after"))
#: Table → (relation, columns compared, column by which rows are grouped).
TABLES = {
    "events": (
        "fct_workforce_events",
        (*EVENT, *BEFORE, *AFTER, "hazard", "draw", "event_id"),
        "employee_id",
    ),
    "snapshot": (
        "fct_workforce_snapshot",
        ("employment_status", "birth_date", "hire_date", "termination_date", *STATE, "prorated_compensation"),
        "employee_id",
    ),
    "segments": (
        "fct_segment_summary",
        (
            "segment", "opening_headcount", "transfers_in", "transfers_out", "hires",
            "experienced_terminations", "new_hire_terminations", "reductions", "ending_headcount",
            "target_headcount",
        ),
        "segment",
    ),
    "turnover": (
        "(select * from fct_turnover_summary where attribute = 'total')",
        (
            "cause", "opening_headcount", "known_terminations", "expected_terminations", "terminations",
        ),
        "cause",
    ),
    "summary": (
        "fct_year_summary",
        ("transfers", "adjustments", "opening_fte", "ending_fte", "average_fte"),
        "'all'",
    ),
}  # fmt: skip


def _simulated_by_sql(example: Example) -> dict[str, Any]:
    """Rows by table, then by path and year, then by employee or segment; outcomes by path."""
    found: dict[str, Any] = {}
    scenarios = [Scenario(name, "", {}, one, {}) for name, one in example.scenarios.items()]
    plans = {name: plan_rows(example.actions(name)) for name in example.scenarios}
    with simulate(scenarios, _census(example), database(), plans, WANTED, example.uncertainty) as connection:
        for table, (relation, columns, group) in TABLES.items():
            order = ", event_sequence" if table == "events" else ""
            rows = connection.execute(
                f"select scenario_id, replicate, simulation_year, {group} as grouped, {', '.join(columns)} "
                f"from {relation} order by scenario_id, replicate, simulation_year, grouped{order}"
            ).fetchall()
            grouped: dict[Any, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
            for scenario, replicate, year, name, *values in rows:
                row = {
                    column: str(value) if column == "event_id" else value
                    for column, value in zip(columns, values, strict=True)
                }
                grouped[scenario, replicate, year][name].append(row)
            found[table] = grouped
        outcomes: dict[Any, dict[str, str]] = defaultdict(dict)
        for scenario, replicate, action, outcome in connection.execute(
            "select scenario_id, replicate, action_id, outcome from fct_planned_actions"
        ).fetchall():
            outcomes[scenario, replicate][action] = outcome
        found["outcomes"] = outcomes
    return found


def _census(example: Example) -> Census:
    people = [(one, None) for one in example.company.employees]
    rows = [
        (
            one.employee_id,
            one.birth,
            one.hired,
            last_day,
            one.state.level,
            False,
            one.state.pay,
            one.state.fte,
            *one.state.place,
        )
        for one, last_day in [*people, *((one.employee, one.last_day) for one in example.leavers)]
    ]
    schema: dict[str, pl.DataType] = {
        "employee_id": pl.String(),
        "birth_date": pl.Date(),
        "hire_date": pl.Date(),
        "termination_date": pl.Date(),
        "level": pl.Int32(),
        "level_inferred": pl.Boolean(),
        "salary": pl.Decimal(14, 2),
        "fte": pl.Decimal(7, 6),
        **{name: pl.String() for name in DIMENSIONS},
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return Census(frame, pl.DataFrame(), frame.height, 0, DIMENSIONS, (), "")


def plan_rows(actions: Sequence[Action]) -> pl.DataFrame:
    """Known actions as tasks.plan.read gives them."""
    rows = [
        (
            one.action_id,
            one.action,
            one.day,
            one.employee_id,
            one.count,
            one.level,
            None if one.is_full_time_salary else one.salary,
            one.salary if one.is_full_time_salary else None,
            one.fte,
            one.cause,
            one.probability,
            *(one.dimensions.get(name) for name in DIMENSIONS),
        )
        for one in actions
    ]
    schema = {**SCHEMA, **dict.fromkeys(DIMENSIONS, pl.String())}
    return pl.DataFrame(rows, schema=schema, orient="row")
