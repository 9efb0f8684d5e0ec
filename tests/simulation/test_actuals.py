"""A run that opens within a year of which past lists show the beginning."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from tasks.census.accepted import Census
from tasks.history.actuals import Actuals, read_actuals
from tests.simulation.calendars import Calendar
from tests.simulation.example import DIMENSIONS, settings_with
from tests.simulation.in_memory import WANTED
from tests.simulation.model import round_half_up
from tests.simulation.reopened import Tables, census_on, run, sample

# statements for tables of their own, compiled twice
pytestmark = pytest.mark.slow

# lists of days to come are refused
YEAR_END, OPENING = date(2024, 12, 31), date(2025, 6, 30)
MONTH_ENDS = [date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30), date(2025, 5, 31)]
EMPLOYEES = 600
MONTHS, FULL_YEAR = "fct_actual_months", "fct_full_year_summary"
COUNTS = (
    "headcount",
    "hires",
    "leavers",
    "experienced_terminations",
    "new_hire_terminations",
    "employee_days",
)
#: Whose outcomes are compared with the targets of the whole year.
RULES: dict[str, dict[str, Any]] = {
    "exact": {},
    "given": {"hiring.hires": 130},
    "exceeded": {"hiring.hires": 10, "workforce.total_termination_rate": Decimal("0.01")},
    "expected": {"simulation.mode": "expected"},
}


@pytest.fixture(scope="module")
def whole() -> Tables:
    """The whole year."""
    return run(
        sample(EMPLOYEES, YEAR_END),
        Calendar(start_year=2025),
        {"exact": {}},
        wanted=(*WANTED, "fct_month_summary"),
    )


@pytest.fixture(scope="module")
def actuals(whole: Tables, tmp_path_factory: pytest.TempPathFactory) -> Actuals:
    """What monthly lists of the whole year show up to the opening date."""
    folder = tmp_path_factory.mktemp("lists")
    for since, day in zip([YEAR_END, YEAR_END, *MONTH_ENDS], [YEAR_END, *MONTH_ENDS], strict=False):
        census_on(day, whole, 1, since).write_csv(folder / f"{day}.csv")
    settings = settings_with(
        {
            **Calendar("01-01", OPENING, 2025).settings,
            "simulation.end_year": 2025,
            "history.path": str(folder),
            "census.dimensions": list(DIMENSIONS),
        }
    )
    people = census(whole).with_columns(fte=pl.lit(1.0))
    levels = [
        (number, one.min_salary.at(2025), one.max_salary.at(2025))
        for number, one in settings.workforce.levels.items()
    ]
    found = read_actuals(settings, Census(people, pl.DataFrame(), 0, 0, DIMENSIONS, (), ""), levels)
    assert isinstance(found, Actuals)
    return found


def census(whole: Tables) -> pl.DataFrame:
    """The census of the opening date, with those who left since the last list."""
    return census_on(OPENING, whole, 1, MONTH_ENDS[-1])


@pytest.fixture(scope="module")
def rest(whole: Tables, actuals: Actuals) -> Tables:
    """The rest of the year under several rules, with another seed."""
    wanted = (*WANTED, "fct_month_summary", MONTHS, FULL_YEAR)
    calendar = Calendar("01-01", OPENING, 2025)
    return run(census(whole), calendar, RULES, seed=7, wanted=wanted, actual_spells=actuals.spells)


def test_lists_of_every_month_show_the_months_as_they_were(whole: Tables, rest: Tables) -> None:
    """Every count by month and level; cost but for the last month's pay of leavers, and cents of rounding."""
    key = ["month", "level"]

    def by_level(rows: pl.DataFrame, scenario: str) -> pl.DataFrame:
        found = rows.filter(pl.col("month") <= OPENING, scenario_id=scenario)
        return found.group_by(key).agg(pl.col(*COUNTS).sum(), pl.col("salary_cost").sum()).sort(key)

    expected, found = by_level(whole["fct_month_summary"], "exact"), by_level(rest[MONTHS], "exact")
    assert found.select(key, *COUNTS).equals(
        expected.select(key, *COUNTS).cast(found.select(key, *COUNTS).schema)
    )
    assert found["salary_cost"].sum() == pytest.approx(expected["salary_cost"].sum(), rel=Decimal("0.0005"))


def test_the_year_meets_the_targets_of_a_whole_year(rest: Tables) -> None:
    """Closing headcount and experienced turnover count from the headcount when the year began."""
    years = {row["scenario_id"]: row for row in rest[FULL_YEAR].iter_rows(named=True)}
    exact = years["exact"]
    assert exact["opening_headcount"] == EMPLOYEES
    assert exact["ending_headcount"] == round_half_up(EMPLOYEES * Decimal("1.03"))
    assert exact["experienced_terminations"] == round_half_up(EMPLOYEES * Decimal("0.12"))
    for figure in (
        "hires",
        "experienced_terminations",
        "new_hire_terminations",
        "loaded_cost",
        "salary_cost",
    ):
        assert exact[figure] == exact[f"actual_{figure}"] + exact[f"forecast_{figure}"]
    leavers = sum(
        exact[f"{kind}"] for kind in ("experienced_terminations", "new_hire_terminations", "reductions")
    )
    assert EMPLOYEES + exact["hires"] - leavers == exact["ending_headcount"]
    assert years["given"]["hires"] == 130
    # more have come and left than the whole year was to have
    assert years["exceeded"]["forecast_hires"] == 0
    assert years["exceeded"]["forecast_experienced_terminations"] == 0
    # a sum of draws around what is left of the year's turnover
    left = EMPLOYEES * 0.12 - years["expected"]["actual_experienced_terminations"]
    assert years["expected"]["forecast_experienced_terminations"] == pytest.approx(left, abs=4 * left**0.5)


def test_only_those_there_when_the_year_began_count_in_its_turnover(whole: Tables, rest: Tables) -> None:
    """Who was hired since leaves by the risk of the year of hire: nearly as many as in the whole year."""
    hired = rest["fct_workforce_snapshot"].filter(
        pl.col("hire_date") > YEAR_END, pl.col("hire_date") <= OPENING, simulation_year=2025
    )
    leavers = rest["fct_workforce_events"].filter(event_type="termination", simulation_year=2025)
    leavers = leavers.join(hired, on=["scenario_id", "replicate", "employee_id"], how="semi")
    assert leavers.height > 20
    assert set(leavers["event_reason"]) == {"new_hire"}
    (of_year,) = whole["fct_year_summary"]["new_hire_terminations"]
    (found,) = rest[FULL_YEAR].filter(scenario_id="exact")["new_hire_terminations"]
    assert 0.9 * of_year < found < 1.1 * of_year
