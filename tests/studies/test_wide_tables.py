"""Tables of a run of many years, long names and wide amounts, on narrow and wide terminals, and in a pipe."""

import json
from datetime import date

import polars as pl
import pytest

from tasks.census.sample import sample_census
from tasks.runs.calendar import recorded_calendar
from tasks.runs.record import read_record
from tasks.studies.precision import monte_carlo_errors
from tasks.studies.precision_tables import sources_table
from tasks.warehouse.published import published
from tests.simulate import Finished, simulate
from tests.simulation.uncertain import document
from tests.studies.test_printing import without_free_space
from tests.studies.test_terminal import complain, run, tables_of

pytestmark = pytest.mark.slow

LONG = "Research, development and engineering services"
GROWTH = "growth_with_many_more_graduates_than_today"
SCENARIOS = {
    "baseline": {},
    GROWTH: {"simulation.target_growth_rate": "0.10"},
    "early_retirement_program_for_all_sites": {"compensation.merit_budget": "0.02"},
}


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """Ten fiscal years of a company that pays in forints, the first one a stub; uncertain assumptions."""
    folder = tmp_path_factory.mktemp("wide")
    (folder / "uncertainty.json").write_text(json.dumps(document()))
    people = sample_census(60, 7, date(2025, 9, 30)).with_columns(
        pl.col("department").replace({"Engineering": LONG}), salary=pl.col("salary") * 1000
    )
    finished = simulate(
        folder,
        people,
        years="2026-2035",
        replicates=2,
        scenarios=SCENARIOS,
        sets=[
            "simulation.fiscal_year_start=07-01",
            "simulation.opening_date=2025-09-30",
            "simulation.mode=expected",
            f"simulation.uncertainty={folder / 'uncertainty.json'}",
            "census.currency=HUF",
            "targets={by: [department], segments: [{where: {department: Legal}, growth: 0.1}]}",
        ],
        report=False,
    )
    finished.run.directory.become_latest()
    return finished


COMMANDS = [
    ["show", "latest"],
    ["show", "latest", "--by", "level"],
    ["show", "latest", "--by", "department"],
    ["show", "latest", "--by", "segment"],
    ["compare", "latest"],
    ["compare", "latest", "--by", "department"],
    ["compare", "latest", "--by", "segment"],
    ["precision", "latest"],
    ["chance", "latest", "payroll<=300M", "headcount@2026>=100"],
    ["runs", "list"],
    ["runs", "compare", "run", "run"],
    ["runs", "compare", "run", "run", "--by", "level"],
    ["cost", "latest", "FY2028"],
    ["employee", "latest", "E0000004"],
    ["variance", "latest", "--budget", "latest", "--scenario", GROWTH],
    ["variance", "latest", "--budget", "latest", "--scenario", GROWTH, "--by", "department"],
    ["health"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_nothing_is_cut_at_any_width(wide: Finished, command: list[str]) -> None:
    arguments = [*command, "--output", str(wide.run.directory.path.parent)]
    tables = tables_of(arguments)
    assert sum(table.row_count for table in tables) > 0
    for width in (60, 80, 120):
        assert [complaint for table in tables for complaint in complain(table, width)] == []
    lines = run(arguments, COLUMNS="80", LINES=None).splitlines()
    assert [line for line in lines if len(line) > 80] == []
    piped = [without_free_space(line) for line in run(arguments, COLUMNS=None, LINES=None).splitlines()]
    assert "\x1b" not in "".join(piped)
    rows = [tuple(map(without_free_space, row)) for table in tables for row in table.cells]
    assert all(any(_has(line, row) for line in piped) for row in rows), "one line per row"


def _has(line: str, row: tuple[str, ...]) -> bool:
    """Return whether a line of a pipe has all cells of a row, in their order."""
    place = 0
    for cell in row:
        place = line.find(cell, place)
        if place < 0:
            return False
        place += len(cell)
    return True


def test_years_have_number_and_name_for_programs(wide: Finished) -> None:
    rows = json.loads(run(["show", "latest", "--json", "--output", str(wide.run.directory.path.parent)]))
    assert {(row["simulation_year"], row["fiscal_year"], row["basis"]) for row in rows} == {
        (year, f"FY{year}", "forecast") for year in range(2026, 2036)
    }


def test_the_sources_of_the_spread_are_shown_at_any_width(wide: Finished) -> None:
    directory = wide.run.directory
    with published(directory.results) as connection:
        errors = monte_carlo_errors(connection).filter(pl.col("deviation") > 0)
    shares = errors.with_columns(chance=0.5, parameters=-0.125, years=pl.lit(0.25))
    calendar = recorded_calendar(read_record(directory))
    table = sources_table(shares, ["chance", "parameters", "years"], 2, calendar)
    assert table.row_count == len(table.values) == errors.height
    for width in (60, 80, 120):
        assert complain(table, width) == []
