"""Comparisons by segment: the same people on both sides, or none."""

import re
from collections.abc import Mapping
from itertools import permutations

import duckdb
import polars as pl
import pytest

from tasks.studies.common import Side, items_of, left_out
from tasks.studies.compare import compare
from tasks.text.costs import COST_COLUMNS

#: The company of every scenario: headcount by department and location.
PEOPLE = {
    ("Engineering", "Austin"): 40,
    ("Engineering", "Denver"): 20,
    ("Sales", "Austin"): 10,
    ("Sales", "Denver"): 8,
    ("Legal", "Austin"): 4,
    ("Research, Lab", "Denver"): 5,
}
ENGINEERING = "department=Engineering"
SALES = "department=Sales"
AUSTIN = "location=Austin"
BOTH = "department=Sales, location=Austin"


def is_in(segment: str, place: tuple[str, str]) -> bool:
    return set(re.split(r", (?=\w+=)", segment)) <= {f"department={place[0]}", f"location={place[1]}"}


def company(targets: Mapping[str, tuple[str, ...]]) -> duckdb.DuckDBPyConnection:
    """Return published tables in which all scenarios hold the same people; `targets` names their segments."""
    segments, years, dimensions = [], [], []
    for scenario, names in targets.items():
        total = sum(PEOPLE.values())
        years.append((scenario, total))
        counts = {name: sum(n for place, n in PEOPLE.items() if is_in(name, place)) for name in names}
        if names:
            counts["others"] = total - sum(counts.values())
        segments += [(scenario, *count) for count in (counts or {"all": total}).items()]
        for index, dimension in enumerate(("department", "location")):
            for value in sorted({place[index] for place in PEOPLE}):
                number = sum(n for place, n in PEOPLE.items() if place[index] == value)
                dimensions.append((scenario, dimension, value, number))
    connection = duckdb.connect()
    for name, columns, rows, query in (
        (
            "fct_year_summary",
            ["scenario_id", "n"],
            years,
            "*, 0 as experienced_terminations, 0 as new_hire_terminations, 0 as reductions, 0 as promotions, "
            "0 as prorated_payroll",
        ),
        (
            "fct_dimension_summary",
            ["scenario_id", "dimension", "dimension_value", "n"],
            dimensions,
            "*, 0 as terminations, 0 as promotions, 0 as transfers_in, 0 as transfers_out",
        ),
        (
            "fct_level_summary",
            ["scenario_id", "n"],
            years,
            "*, 1 as level, 0 as terminations, 0 as promotions_in, 0 as promotions_out",
        ),
        (
            "fct_month_summary",
            ["scenario_id", "n"],
            years,
            f"*, 1 as level, {', '.join(f'0 as {cost}' for cost in ('salary_cost', *COST_COLUMNS))}",
        ),
        (
            "fct_segment_summary",
            ["scenario_id", "segment", "n"],
            segments,
            "*, 0 as transfers_in, 0 as transfers_out, 0 as experienced_terminations, "
            "0 as new_hire_terminations, 0 as reductions, n as target_headcount",
        ),
    ):
        connection.register(f"{name}_rows", pl.DataFrame(rows, schema=columns, orient="row"))
        connection.execute(
            f"create view {name} as select {query}, 1 as replicate, 2025 as simulation_year, 0 as hires, "
            f"n as opening_headcount, n as ending_headcount, n as ending_payroll, n as ending_fte "
            f"from {name}_rows"
        )
    return connection


def pairs_of(targets: Mapping[str, tuple[str, ...]]) -> dict[tuple[str, str], set[str]]:
    """Return the segments that are compared, by baseline and scenario; no difference may be other than 0."""
    found: dict[tuple[str, str], set[str]] = {pair: set() for pair in permutations(targets, 2)}
    with company(targets) as connection:
        for baseline in targets:
            rows = compare(connection, baseline).filter(breakdown="segment")
            assert not rows.select("scenario_id", "item", "figure").is_duplicated().any()
            assert set(rows["difference"]) <= {0}, "the scenarios hold the same people"
            for scenario, item in rows.select("scenario_id", "item").unique().rows():
                found[baseline, scenario].add(item)
    return found


def test_the_rest_is_compared_only_where_the_scenarios_name_the_same_segments() -> None:
    found = pairs_of(
        {
            "base": (ENGINEERING,),
            "same": (ENGINEERING,),
            "more": (ENGINEERING, SALES),
            "other": (SALES,),
            "places": (AUSTIN,),
            "both": (BOTH,),
        }
    )
    assert found["base", "same"] == {ENGINEERING, "others"}
    assert found["base", "more"] == found["more", "base"] == {ENGINEERING}
    assert found["other", "more"] == {SALES}
    assert found["base", "other"] == found["base", "places"] == found["base", "both"] == set()


def test_a_scenario_without_targets_is_counted_by_the_segments_of_the_one_it_is_compared_with() -> None:
    found = pairs_of({"none": (), "base": (ENGINEERING,), "more": (ENGINEERING, SALES), "places": (AUSTIN,)})
    for one, other in (("none", "base"), ("base", "none")):
        assert found[one, other] == {ENGINEERING, "others"}
    assert found["none", "more"] == {ENGINEERING, SALES, "others"}
    assert found["none", "places"] == {AUSTIN, "others"}
    assert found["base", "places"] == set()


def test_a_value_with_a_comma_is_one_value() -> None:
    lab = "department=Research, Lab"
    assert pairs_of({"none": (), "lab": (lab,)})["none", "lab"] == {lab, "others"}


def test_two_scenarios_without_targets_have_the_rest_of_all_others_only_if_these_agree() -> None:
    found = pairs_of({"none": (), "bare": (), "base": (ENGINEERING,)})
    assert found["none", "bare"] == {ENGINEERING, "others"}
    found = pairs_of({"none": (), "bare": (), "base": (ENGINEERING,), "other": (SALES,)})
    assert found["none", "bare"] == {ENGINEERING, SALES}
    assert pairs_of({"none": (), "both": (BOTH,)})["none", "both"] == set()


def test_what_is_left_out_is_named_with_the_reason() -> None:
    with company(
        {"base": (ENGINEERING,), "more": (ENGINEERING, SALES), "same": (ENGINEERING,), "none": ()}
    ) as connection:
        rows = compare(connection, "base").filter(breakdown="segment")
        items = items_of(connection)["segment"]
    assert items["more"] == {ENGINEERING, SALES, "others"}

    def note(scenario: str) -> str:
        compared = set(rows.filter(scenario_id=scenario)["item"])
        sides = [Side(name, items[name], name != "none") for name in (scenario, "base")]
        return left_out(*sides, compared)

    assert note("same") == ""
    assert note("none") == "", "it is counted by the segments of all others, and names none itself"
    assert note("more") == (
        "'department=Sales', which only more has; 'others', everybody outside the named segments, who are "
        "not the same people in both"
    )


@pytest.mark.parametrize("count", [3, 5])
def test_a_long_list_of_items_is_cut(count: int) -> None:
    items = {f"department=D{number}" for number in range(count)}
    text = left_out(Side("b", items), Side("a", set()), set())
    assert ("and 2 more" in text) == (count == 5)
