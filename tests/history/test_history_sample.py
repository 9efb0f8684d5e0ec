"""The sample lists: reproducible, a sound history, with the rates that sample_year.py states."""

import itertools
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from flows.cli.main import app
from settings import default_settings
from settings.errors import InputError
from tasks.census.sample import DEPARTMENTS, SALARIES, sample_census
from tasks.evidence.estimate.fit import fit
from tasks.history import sample_year as truth
from tasks.history.accepted import History
from tasks.history.sample import sample_history
from tasks.history.sample_year import Steps, sample_years

pytestmark = pytest.mark.slow

ReadHistory = Callable[..., History]
Lists = Mapping[date, pl.DataFrame]
LAST = date(2024, 12, 31)
COMPANY = {"lists": 3, "employees": 30_000, "seed": 5, "last": LAST}


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads_here: None) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def large() -> Lists:
    return sample_history(**COMPANY)  # type: ignore[arg-type]


def workforce(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "100", "LINES": None})


def employed(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("termination_date").is_null())


def left(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("termination_date").is_not_null())


def test_the_same_seed_gives_the_same_files_and_another_seed_others() -> None:
    for folder, seed in (("one", "7"), ("two", "7"), ("other", "8")):
        made = workforce(
            "history", "sample", "--lists", "3", "--employees", "300", "--seed", seed, "--output", folder
        )
        assert made.exit_code == 0, made.output
        assert "do not exist" in made.output
    files = sorted(path.name for path in Path("one").iterdir())
    assert files == ["2022-12-31.csv", "2023-12-31.csv", "2024-12-31.csv", "README.md"]
    for name in files:
        assert (Path("one") / name).read_bytes() == (Path("two") / name).read_bytes()
        assert (Path("one") / name).read_bytes() != (Path("other") / name).read_bytes()
    assert "nobody in them exists" in Path("one/README.md").read_text()


def test_the_first_list_is_the_sample_census_and_later_lists_do_not_change_it() -> None:
    first, *_ = sample_history(2, 500, 1, date(2020, 12, 31)).values()
    census = sample_census(500, 1, date(2019, 12, 31))
    people = [name for name in census.columns if name != "salary"]
    assert first.select(people).equals(census.select(people))
    assert first.columns == [*census.columns, "reason"]
    assert left(first)["reason"].null_count() == 0


@pytest.mark.parametrize("employees", ["20", "800"])
def test_the_lists_are_a_history_without_findings_and_the_newest_is_a_census(employees: str) -> None:
    workforce("history", "sample", "--employees", employees)
    checked = workforce("history", "check", "--history", "lists")
    assert checked.exit_code == 0, checked.output
    assert not Path("rejected.csv").exists()
    if employees == "800":
        assert "No findings" in checked.output
    census = workforce("census", "check", "lists/2024-12-31.csv")
    assert census.exit_code == 0, census.output
    assert "no findings" in census.output


def test_opening_less_leavers_plus_joiners_is_closing(read: ReadHistory) -> None:
    workforce("history", "sample", "--lists", "4", "--employees", "400")
    history = read(Path("lists"))
    present = [history.people.filter(pl.col("list") == number).height for number in range(4)]
    for window in range(3):
        leavers = history.leavers.filter(pl.col("window") == window).height
        joiners = history.joiners.filter((pl.col("window") == window) & ~pl.col("left")).height
        assert present[window] - leavers + joiners == present[window + 1]
    assert history.shows_hire_year_leavers
    assert history.leavers["exit_date"].null_count() == 0
    assert history.leavers["reason"].null_count() == 0


def test_leavers_left_since_the_list_before(large: Lists) -> None:
    for (before, earlier), (day, rows) in itertools.pairwise(large.items()):
        assert left(rows)["termination_date"].is_between(before, day, closed="right").all()
        assert (left(rows)["termination_date"] >= left(rows)["hire_date"]).all()
        assert rows["employee_id"].is_unique().all()
        there = employed(earlier)["employee_id"]
        assert there.is_in(rows["employee_id"].implode()).all()
        newcomers = rows.filter(~pl.col("employee_id").is_in(there.implode()))
        assert newcomers["hire_date"].is_between(before, day, closed="right").all()


def step(steps: Steps, values: np.ndarray) -> np.ndarray:
    bounds, found = zip(*steps, strict=True)
    return np.array(found)[np.searchsorted(np.array(bounds), values, side="right") - 1]


def completed(days: pl.Series, year: int) -> np.ndarray:
    """Completed years on 1 January of a year."""
    return np.array([year - day.year - ((day.month, day.day) > (1, 1)) for day in days])


def test_people_leave_at_the_stated_hazards(large: Lists) -> None:
    """Actual exits of each group within 4.5 standard deviations of those expected (1 in 147,000 each)."""
    years = sample_years(int(COMPANY["seed"]), list(large))  # type: ignore[call-overload]
    for year, earlier, rows in zip(years, large.values(), list(large.values())[1:], strict=False):
        there = employed(earlier)
        age, tenure = (completed(there[name], year.closed.year) for name in ("birth_date", "hire_date"))
        department = there["department"].to_numpy()
        resignation = (
            truth.RESIGNATION
            * step(truth.RESIGNATION_BY_AGE, age)
            * step(truth.RESIGNATION_BY_TENURE, tenure)
            * np.array([truth.RESIGNATION_BY_DEPARTMENT[name] for name in department])
        )
        causes = (resignation, step(truth.RETIREMENT, age), step(truth.CONTRACT, tenure))
        stays = np.prod([1 - np.minimum(year.effect * each, truth.HIGHEST_HAZARD) for each in causes], axis=0)
        gone = there["employee_id"].is_in(left(rows)["employee_id"].implode()).to_numpy()
        groups = [np.ones(len(age), bool), age < 30, (age >= 62) & (age < 65), age >= 65, tenure < 1]
        groups += [tenure >= 10, *(department == name for name, _, _ in DEPARTMENTS)]
        for group in groups:
            chance = 1 - stays[group]
            assert abs(gone[group].sum() - chance.sum()) < 4.5 * np.sqrt((chance * (1 - chance)).sum())
        reasons = dict(left(rows)["reason"].value_counts().iter_rows())
        assert set(reasons) == {"Resignation", "Retirement", "End of contract"}
        assert reasons["End of contract"] < reasons["Retirement"] < reasons["Resignation"]


def test_those_who_stay_are_promoted_moved_and_raised_as_stated(large: Lists) -> None:
    years = sample_years(int(COMPANY["seed"]), list(large))  # type: ignore[call-overload]
    for year, earlier, rows in zip(years, large.values(), list(large.values())[1:], strict=False):
        both = employed(earlier).join(employed(rows), on="employee_id", suffix="_after")
        tenure = completed(both["hire_date"], year.closed.year)
        chance = truth.PROMOTION * step(truth.PROMOTION_BY_LEVEL, both["level"].to_numpy())
        chance = chance * step(truth.PROMOTION_BY_TENURE, tenure)
        rise = (both["level_after"] - both["level"]).to_numpy()
        assert set(rise) == {0, 1}
        assert abs(rise.sum() - chance.sum()) < 4.5 * np.sqrt((chance * (1 - chance)).sum())
        moved = (both["department_after"] != both["department"]).sum()
        expected = truth.TRANSFER * both.height
        assert abs(moved - expected) < 4.5 * np.sqrt(expected)
        growth = (both["salary_after"].cast(float) / both["salary"].cast(float)).to_numpy()
        general = 1 + year.general / 1000
        highest = general * (1 + truth.MERIT[1])
        assert (growth[rise == 0] > general - 1e-6).all()
        assert (growth[rise == 0] < highest + 1e-6).all()
        without_merit = (abs(growth[rise == 0] - general) < 1e-6).mean()
        assert abs(without_merit - (1 - truth.MERIT_SHARE)) < 0.02
        assert (growth[rise == 1] > general * (1 + truth.PROMOTION_RAISE[0]) - 1e-6).all()


def test_the_headcount_grows_as_drawn_and_some_hires_leave_within_the_year(large: Lists) -> None:
    years = sample_years(int(COMPANY["seed"]), list(large))  # type: ignore[call-overload]
    for year, earlier, rows in zip(years, large.values(), list(large.values())[1:], strict=False):
        assert employed(rows).height == round(employed(earlier).height * (1 + year.growth))
        hired = rows.filter(pl.col("hire_date") > year.opened)
        share = left(hired).height / hired.height
        # hired on any day, exposed for half a year on average
        assert abs(share - truth.HIRE_EXIT / 2) < 4.5 * (share / hired.height) ** 0.5
        assert employed(hired)["level"].n_unique() == 5


def test_pay_of_the_newest_list_lies_near_the_default_ranges(large: Lists) -> None:
    hired = large[LAST].filter(pl.col("hire_date") > date(2023, 12, 31))
    paid = hired.group_by("level").agg(low=pl.min("salary"), high=pl.max("salary")).sort("level")
    for (least, most), (low, high) in zip(SALARIES, paid.select("low", "high").iter_rows(), strict=True):
        assert least <= low <= high <= most


def test_a_fit_finds_causes_departments_and_the_general_increase(read: ReadHistory) -> None:
    workforce("history", "sample", "--lists", "5", "--employees", "1500")
    fitted = fit(read(Path("lists")), default_settings())
    assert {"resignation", "retirement"} <= set(fitted.terminations.causes)
    assert "department" in fitted.terminations.names
    assert 60 in fitted.terminations.bands["age"]
    assert fitted.promotion is not None
    assert fitted.transfer is not None
    assert fitted.joiners.left_in_hire_year is not None
    years = sample_years(42, [date(2020 + number, 12, 31) for number in range(5)])
    assert fitted.raises is not None
    general = np.mean([year.general for year in years]) / 1000
    assert fitted.raises.cola.value == pytest.approx(general, abs=0.0006)  # raises are compared to 0.1 %


def test_a_list_of_29_february_follows_one_of_the_28th() -> None:
    assert list(sample_history(2, 30, 1, date(2024, 2, 29))) == [date(2023, 2, 28), date(2024, 2, 29)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--lists", "1"), "--lists 1: allowed: 2 to 40"),
        (("--employees", "3"), "--employees 3: allowed: 20 to 1000000"),
        (("--last", "2024"), "--last 2024: a date is expected"),
        (("--last", "1850-12-31"), "--last: year 1850: allowed: 1950 to 2199"),
        (("--output", "full"), "full: it exists; name a new or an empty folder"),
        (("--output", "file"), "file: it exists; name a new or an empty folder"),
    ],
)
def test_wrong_arguments_are_refused_and_nothing_is_written(arguments: tuple[str, ...], message: str) -> None:
    Path("full").mkdir()
    Path("full/2020-12-31.csv").touch()
    Path("file").touch()
    refused = workforce("history", "sample", *arguments)
    assert isinstance(refused.exception, InputError)
    assert message in str(refused.exception)
    assert {str(path) for path in Path().rglob("*")} == {"full", "full/2020-12-31.csv", "file"}


def test_an_empty_folder_may_be_written_to() -> None:
    Path("lists").mkdir()
    assert workforce("history", "sample", "--lists", "2", "--employees", "20").exit_code == 0
    assert Path("lists/2024-12-31.csv").exists()
