"""The input tables of causes, factors, moves, segments and known actions follow settings and census."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import yaml

from settings import InputError, Scenario, load_settings
from settings.models.targets import Segment
from tasks.census.read import Census
from tasks.plan.columns import SCHEMA as ACTIONS
from tasks.warehouse.combinations import MOST_COMBINATIONS
from tasks.warehouse.inputs import write_inputs

DIMENSIONS = ("department", "location", "team")
PEOPLE = (("Sales", "Oslo", "a"), ("Sales", None, "a"), ("Legal", "Bergen", "b"), (None, "Oslo", "a"))

#: Transfers between departments; segments by level and by two dimensions, one of which is a value of no one.
MOVING = {
    "workforce.termination.retirement": {
        "base": {year: "0.2" if year == 2025 else "0.3" for year in range(2025, 2030)},
        "eligible": {"min_age": 60},
        "mandatory_age": 67,
        "factors": {"department": {"Sales": 2, "null": "0.5"}, "level": {"2": 1, "3": 3}},
    },
    "workforce.transfer": {"base": "0.05", "by": "department", "factors": {"age": {"<25": 3}}},
    "workforce.termination_months": [1] * 12,
    "hiring.months": [*range(12)],
    "hiring.fte_mix": {"1": "0.75", "0.5": "0.25"},
    "targets": {
        "by": ["department", "location", "level"],
        "segments": [
            {"where": {"department": "Sales", "level": 2}, "growth": "0.1"},
            {"where": {"level": 3}, "headcount": 7, "termination_rate": "0.2"},
            {"where": {"department": "Legal", "location": None, "level": 1}, "growth": "-0.5"},
        ],
        "others": "balance",
    },
}
PLAIN: dict[str, Any] = {
    "hiring.dimension_mix": [{"values": {"department": "Sales", "team": "new"}, "share": 1}],
    "hiring.hires": 3,
    "compensation.enforce_minimum": "true",
}


def scenarios(folder: Path, **overrides: dict[str, Any]) -> tuple[Scenario, ...]:
    """Scenarios by id, with these overrides."""
    files = []
    for name, values in overrides.items():
        files.append(folder / f"{name}.yaml")
        files[-1].write_text(yaml.safe_dump({"id": name, "overrides": values}), "utf-8")
    sets = [f"census.dimensions=[{', '.join(DIMENSIONS)}]"]
    return load_settings(sets=sets, scenarios=files, environ={}).scenarios


def census(people: list[tuple[str | None, ...]], dimensions: tuple[str, ...] = DIMENSIONS) -> Census:
    employees = pl.DataFrame(people, schema=dict.fromkeys(dimensions, pl.String), orient="row")
    employees = employees.with_row_index("employee_id").with_columns(
        pl.col("employee_id").cast(pl.String),
        birth_date=date(1980, 1, 1),
        hire_date=date(2020, 1, 1),
        termination_date=pl.lit(None, pl.Date),
        level=pl.lit(1),
        level_inferred=False,
        salary=pl.lit(Decimal("60000.00")),
    )
    return Census(employees, pl.DataFrame(), len(people), 0, dimensions, (), "")


def plan(*rows: dict[str, Any]) -> pl.DataFrame:
    defaults = {"action": "transfer", "action_date": date(2026, 3, 1), "people": 1, "probability": Decimal(1)}
    schema = {**ACTIONS, "location": pl.String, "department": pl.String}
    return pl.DataFrame([{**defaults, **row} for row in rows], schema=schema)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    both = scenarios(tmp_path_factory.mktemp("inputs"), moving=MOVING, plain=PLAIN)
    actions = plan(
        {"action_id": "t", "employee_id": "1", "location": "Voss"},
        {"action_id": "h", "action": "hire", "people": 2, "level": 2, "fte": Decimal("0.5")},
    )
    write_inputs(connection, both, range(1, 2), census(list(PEOPLE)), {"plain": actions})
    yield connection
    connection.close()


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def test_causes_factors_and_seasons(written: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        written,
        "select cause, cause_number, base_hazard, min_age, min_tenure, mandatory_age from inputs.causes "
        "where scenario_id = 'moving' and simulation_year = 2026 order by cause_number",
    ) == [
        ("voluntary", 1, Decimal("0.04"), 0, 0, None),
        ("retirement", 2, Decimal("0.3"), 60, 0, 67),
    ]
    assert rows(
        written,
        "select rate, cause, attribute, value, factor from inputs.factors "
        "where cause = 'retirement' or rate = 'transfer' order by all",
    ) == [
        ("termination", "retirement", "department", "Sales", 2.0),
        ("termination", "retirement", "department", None, 0.5),
        ("termination", "retirement", "level", "3", 3.0),  # the factor 1 of level 2 is left out
        ("transfer", None, "age", "<25", 3.0),
    ]
    assert rows(
        written,
        "select scenario_id, season, count(*), sum(weight * month_of_year) from inputs.seasons group by all",
    ) == [("moving", "hire", 12, sum(month * (month - 1) for month in range(13)))]
    assert rows(written, "select * from inputs.hire_fte_mix order by all") == [
        ("moving", Decimal("0.5"), Decimal("0.25")),
        ("moving", Decimal(1), Decimal("0.75")),
    ]
    assert rows(
        written,
        "select distinct scenario_id, transfer_base_hazard, hires, enforce_minimum "
        "from inputs.yearly_parameters order by all",
    ) == [("moving", Decimal("0.05"), None, False), ("plain", Decimal(0), 3, True)]


def test_combinations_are_closed_under_moves(written: duckdb.DuckDBPyConnection) -> None:
    """Departments and locations move; teams stay, so a team has every department and location."""
    departments, locations = ("Legal", "Sales", None), ("Bergen", "Oslo", "Voss", None)
    assert rows(written, "select * from inputs.dimension_combinations order by combination_id") == [
        (number, *values)
        for number, values in enumerate(product(departments, locations, ("a", "b", "new")), start=1)
    ]
    values = {row[0]: row[1:] for row in rows(written, "from inputs.dimension_combinations")}
    moves: dict[int, set[tuple[tuple[int, str | None], ...]]] = {}
    for move, before, after in rows(written, "from inputs.moves"):
        assert after in values
        moves.setdefault(move, set()).add(tuple(enumerate(values[after])))
        assert values[before][2] == values[after][2]
    assert {len(reached) for reached in moves.values()} <= {3, 9, 12}  # both, the department, the location
    assert rows(written, "select count(*) from inputs.moves") == [(len(moves) * len(values),)]
    assert rows(
        written,
        "select value, dimension, share, count(*), bool_and(place.department is not distinct from value), "
        "bool_and((origin.location, origin.team) is not distinct from (place.location, place.team)) "
        "from inputs.transfer_destinations join inputs.moves using (move_id) "
        "join inputs.dimension_combinations as place on place.combination_id = to_combination_id "
        "join inputs.dimension_combinations as origin on origin.combination_id = from_combination_id "
        "where scenario_id = 'moving' group by all order by value nulls last",
    ) == [(value, "department", None, len(values), True, True) for value in departments]
    assert rows(
        written,
        "select distinct action_id, people, location from inputs.actions "
        "left join inputs.moves using (move_id) left join inputs.dimension_combinations "
        "on combination_id = to_combination_id order by all",
    ) == [("h", 2, None), ("t", 1, "Voss")]
    assert rows(written, "select scenario_id, count(*) from inputs.hire_mix group by all") == [("plain", 1)]


def test_each_combination_and_level_is_in_one_segment(written: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        written,
        "select scenario_id, segment, level, department, location from inputs.segment_members "
        "join inputs.dimension_combinations using (combination_id)",
    )
    assert len(found) == 2 * 36 * 5
    for scenario, segment, level, department, location in found:
        expected = "others"
        if (department, level) == ("Sales", 2):
            expected = "department=Sales, level=2"
        elif level == 3:
            expected = "level=3"
        elif (department, location, level) == ("Legal", None, 1):
            expected = "department=Legal, location=null, level=1"
        assert segment == (expected if scenario == "moving" else "all")
    assert rows(
        written,
        "select scenario_id, segment_number, segment, growth, headcount, termination_rate, closes_gap, "
        "move_id is not null from inputs.segments where simulation_year = 2027 order by all",
    ) == [
        ("moving", 1, "department=Sales, level=2", Decimal("0.1"), None, None, False, True),
        ("moving", 2, "level=3", Decimal("0.03"), 7, Decimal("0.2"), False, False),
        ("moving", 3, "department=Legal, location=null, level=1", Decimal("-0.5"), None, None, False, True),
        ("moving", 4, "others", Decimal("0.03"), None, None, True, False),
        ("plain", 1, "all", Decimal("0.03"), None, None, False, False),
    ]


def test_without_moves_combinations_are_those_of_the_census_and_full_time_is_assumed(tmp_path: Path) -> None:
    connection = duckdb.connect()
    write_inputs(connection, scenarios(tmp_path, a={}), range(1, 2), census(list(PEOPLE)))
    assert rows(connection, "select department, location, team from inputs.dimension_combinations") == sorted(
        PEOPLE, key=lambda values: [(value is None, value or "") for value in values]
    )
    for table in ("moves", "actions", "transfer_destinations", "seasons", "hire_fte_mix"):
        assert rows(connection, f"select count(*) from inputs.{table}") == [(0,)]
    assert rows(connection, "select distinct fte, typeof(fte) from inputs.census") == [(1, "DECIMAL(7,6)")]
    part_time = census(list(PEOPLE))
    employees = part_time.employees.with_columns(fte=pl.lit(Decimal("0.333333")))
    half = Census(employees, pl.DataFrame(), 4, 0, DIMENSIONS, (), "")
    write_inputs(connection, scenarios(tmp_path, a={}), range(1, 2), half)
    assert rows(connection, "select distinct fte from inputs.census") == [(Decimal("0.333333"),)]


def test_too_many_combinations_are_refused_with_the_arithmetic(tmp_path: Path) -> None:
    people = [(f"d{number}", f"l{number}", "a" if number % 2 else "b") for number in range(400)]
    mixed = {
        **MOVING,
        "targets": {"by": ["location"], "segments": [{"where": {"location": "l1"}, "growth": 0}]},
    }
    assert MOST_COMBINATIONS < 2 * 400 * 400
    with pytest.raises(InputError) as refused:
        write_inputs(duckdb.connect(), scenarios(tmp_path, a=mixed), range(1, 2), census(people))
    assert "320,000 combinations of dimensions (2 combinations of team" in str(refused.value)
    assert "x 400 values of location" in str(refused.value).replace("×", "x")


def test_segments_of_an_empty_cell_and_of_the_text_null_have_two_names() -> None:
    empty, text = (
        Segment.model_validate({"where": {"department": value}, "growth": 0}) for value in (None, "null")
    )
    assert [one.name(["department"]) for one in (empty, text)] == ["department=null", 'department="null"']
