"""`workforce fit` and `workforce backtest` as a user calls them."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from settings import explain, load_settings
from settings.models.uncertainty import Uncertainty
from tasks.alerts import store_of
from tests.evidence.companies import company, with_levels, write_lists
from tests.history import company as past

pytestmark = pytest.mark.slow

COLUMNS = "history.columns={employee_id: id}"


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five lists of 600 people, with levels."""
    made = with_levels(company(21, people=600, windows=4, equal_lengths=True), 2)
    return write_lists(made, tmp_path_factory.mktemp("company") / "lists")


@pytest.fixture(scope="module")
def fitted(lists: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings of a fit, with its uncertainty and page beside them."""
    from flows.cli.evidence import fit

    out = tmp_path_factory.mktemp("fit") / "fitted.yaml"
    fit(history=str(lists), out=out, set_=[COLUMNS, "workforce.termination.retirement={base: 0.1}"])
    return out


@pytest.fixture
def workforce(reads_here: None, capsys: pytest.CaptureFixture[str]) -> "Command":
    return Command(capsys)


class Command:
    """The command line, in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, str]:
        """Run a command; return its exit status and all that it printed."""
        from typer.testing import CliRunner

        from flows.cli.main import app
        from settings import InputError

        result = CliRunner().invoke(app, list(arguments))
        if isinstance(result.exception, InputError):
            return 2, str(result.exception)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output


def test_the_settings_load_and_say_that_they_come_from_history(fitted: Path) -> None:
    resolved = load_settings(fitted, environ={})
    rows = {row.key: row for row in explain(resolved)}
    base = rows["workforce.termination.voluntary.base"]
    assert base.layer == "history"
    assert "exits in" in base.source
    assert "90 % interval" in base.source
    assert rows["compensation.cola_rate"].layer == "history"
    assert rows["workforce.total_termination_rate"].layer == "history"
    assert rows["hiring.level_mix"].layer == "history"
    assert rows["cost.benefits.amount"].layer == "default"
    assert resolved.base.simulation.start_year == 2017
    assert resolved.base.simulation.uncertainty == fitted.parent / "fitted.uncertainty.json"


def test_causes_without_exits_are_removed(fitted: Path) -> None:
    assert list(load_settings(fitted, environ={}).base.workforce.termination) == ["voluntary"]


def test_the_newest_list_is_a_census_of_these_settings(fitted: Path) -> None:
    assert load_settings(fitted, environ={}).base.census.columns == {"employee_id": "id"}


def test_the_uncertainty_names_parameters_of_these_settings(fitted: Path) -> None:
    document = Uncertainty.model_validate_json((fitted.parent / "fitted.uncertainty.json").read_text("utf-8"))
    workforce = load_settings(fitted, environ={}).base.workforce
    factors = workforce.factors_by_rate
    for parameter in document.parameters:
        if parameter.attribute:
            key = f"{parameter.rate}.{parameter.cause}" if parameter.cause else parameter.rate
            assert parameter.value in factors[key][parameter.attribute]


def test_the_page_has_no_address(fitted: Path) -> None:
    page = (fitted.parent / "fitted.html").read_text("utf-8")
    assert "Department" in page or "department" in page
    assert "https://" not in page.replace("https://vega", "").replace("http://www.w3.org", "")


def test_the_same_history_gives_the_same_files(fitted: Path, lists: Path, tmp_path: Path) -> None:
    from flows.cli.evidence import fit

    again = tmp_path / "fitted.yaml"
    fit(history=str(lists), out=again, set_=[COLUMNS, "workforce.termination.retirement={base: 0.1}"])
    for name in ("fitted.yaml", "fitted.uncertainty.json"):
        assert (again.parent / name).read_text("utf-8") == (fitted.parent / name).read_text("utf-8")


def test_settings_of_the_user_are_kept(lists: Path, tmp_path: Path) -> None:
    from flows.cli.evidence import BandsChoice, fit

    config = tmp_path / "mine.yaml"
    config.write_text(
        f"history: {{path: {lists}, columns: {{employee_id: id}}}}\n"
        "cost: {benefits: {amount: 1234}}\n"
        "census: {dimensions: [department]}\n"
        "workforce: {age_bands: [0, 30, 60], termination: {voluntary: {factors: {age: {<30: 1.2}}}}, "
        "promotion: {factors: {age: {<30: 2}}}}\n",
        "utf-8",
    )
    out = tmp_path / "deep" / "kept.yaml"
    fit(config=config, out=out, bands=BandsChoice.keep)
    settings = load_settings(out, environ={}).base
    assert settings.cost.benefits.amount.at(2017) == 1234
    assert settings.census.dimensions == ["department"]
    assert settings.workforce.age_bands == [0, 30, 60]
    assert sorted(path.name for path in out.parent.iterdir()) == [
        "kept.html",
        "kept.uncertainty.json",
        "kept.yaml",
    ]


def test_until_leaves_out_later_lists(workforce: Command, lists: Path, tmp_path: Path) -> None:
    out = tmp_path / "early.yaml"
    status, text = workforce(
        "fit", "--history", str(lists), "--set", COLUMNS, "--until", "2014-12-31", "--out", str(out)
    )
    assert status == 0, text
    assert load_settings(out, environ={}).base.simulation.start_year == 2015


def test_a_newest_list_within_a_fiscal_year_gives_the_opening_date(
    workforce: Command, lists: Path, tmp_path: Path
) -> None:
    out = tmp_path / "stub.yaml"
    arguments = ("fit", "--history", str(lists), "--set", COLUMNS, "--out", str(out), "--set")
    arguments = (*arguments, "simulation.fiscal_year_start=07-01")
    status, text = workforce(*arguments)
    assert status == 0 and "as if nobody" not in text, text
    simulation = load_settings(out, environ={}).base.simulation
    assert (simulation.start_year, simulation.opening_date) == (2017, date(2016, 12, 30))
    assert simulation.end_year == 2021 and simulation.fiscal_year_start == "07-01"
    status, text = workforce(*arguments, "--set", "simulation.start_year=2020")
    said = " ".join(text.split())
    assert "the opening date 2019-06-30, as if nobody had joined or left in the 912 days between" in said
    assert "simulation.opening_date: 2016-12-30 with simulation.start_year: 2017" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fit"], "no history"),
        (["fit", "--history", "{lists}", "--set", COLUMNS, "--until", "2012-12-31"], "at least two"),
        (["fit", "--history", "{lists}", "--until", "soon"], "a date is expected"),
        (["fit", "--history", "{lists}", "--out", "fitted.txt"], "ends with .yaml"),
        (["fit", "--history", "{lists}", "--out", "{other}"], "was not written by"),
        (["fit", "--history", "{nowhere}"], "nowhere"),
        (["backtest", "--history", "{lists}", "--set", COLUMNS, "--by", "departement"], "department"),
        (["backtest", "--history", "{lists}", "--set", COLUMNS, "--horizon", "0"], "--horizon 0"),
        (["backtest", "--history", "{lists}", "--set", COLUMNS, "--until", "2014-12-31"], "needs 4 or more"),
        (["backtest", "--history", "{lists}", "--file", "scores.xlsx"], "ends with .csv"),
    ],
    ids=lambda value: " ".join(value[:1] + value[-2:]) if isinstance(value, list) else None,
)
def test_wrong_input_is_refused_and_nothing_is_written(
    workforce: Command,
    lists: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    other = tmp_path / "other.yaml"
    other.write_text("simulation: {random_seed: 1}\n", "utf-8")
    places = {"lists": str(lists), "other": str(other), "nowhere": str(tmp_path / "nowhere")}
    status, text = workforce(
        *(
            argument.replace("{employee_id: id}", "<id>")
            .format(**places)
            .replace("<id>", "{employee_id: id}")
            for argument in arguments
        )
    )
    assert status == 2, text
    assert message in text
    assert [path.name for path in tmp_path.iterdir()] == ["other.yaml"]
    assert other.read_text("utf-8") == "simulation: {random_seed: 1}\n"


def test_estimates_that_do_not_fit_the_settings_leave_nothing(
    workforce: Command, lists: Path, tmp_path: Path
) -> None:
    """A rate by year for other years cannot go with the years after the newest list."""
    out = tmp_path / "fitted.yaml"
    rates = "simulation.target_growth_rate={2025: 0.1, 2026: 0.1, 2027: 0.1, 2028: 0.1, 2029: 0.1}"
    status, text = workforce(
        "fit", "--history", str(lists), "--set", COLUMNS, "--set", rates, "--out", str(out)
    )
    assert status == 2
    assert "simulation.target_growth_rate" in text
    assert list(tmp_path.iterdir()) == []


def test_a_backtest_writes_the_contracted_table(workforce: Command, lists: Path, tmp_path: Path) -> None:
    file = tmp_path / "scores" / "backtest.csv"
    status, text = workforce(
        "backtest", "--history", str(lists), "--set", COLUMNS, "--by", "department", "--file", str(file)
    )
    assert status == 0, text
    with file.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert list(rows[0])[:9] == [
        "origin",
        "horizon",
        "dimension",
        "value",
        "figure",
        "actual",
        "p05",
        "p50",
        "p95",
    ]
    assert {row["figure"] for row in rows} == {"exits", "headcount", "payroll"}
    whole = [row for row in rows if not row["dimension"]]
    assert {(row["origin"], row["horizon"]) for row in whole} == {
        ("2014-12-31", "1"),
        ("2014-12-31", "2"),
        ("2015-12-31", "1"),
    }
    assert all(float(row["p05"]) <= float(row["p50"]) <= float(row["p95"]) for row in rows)
    assert file.with_suffix(".html").exists()
    assert "90" in text


@pytest.mark.slow
def test_the_simulation_agrees_with_the_direct_forecast(
    workforce: Command, lists: Path, tmp_path: Path
) -> None:
    status, text = workforce(
        "backtest",
        "--history",
        str(lists),
        "--set",
        COLUMNS,
        "--file",
        str(tmp_path / "backtest.csv"),
        "--simulate",
    )
    assert status == 0, text
    assert [line.split()[-1] for line in text.splitlines() if line.startswith("  20")] == ["agree"] * 3


def test_numbers_of_the_file_are_those_of_the_document(fitted: Path) -> None:
    """Base and factors carry their evidence: the exits of all age bands add up to all exits."""
    text = fitted.read_text("utf-8")
    lines = [line for line in text.splitlines() if "exits in" in line]
    document = json.loads((fitted.parent / "fitted.uncertainty.json").read_text("utf-8"))
    by_age = [
        each
        for each in document["parameters"]
        if each["attribute"] == "age" and each["rate"] == "termination"
    ]

    def exits(line: str) -> int:
        return int(line.split(" exits in", maxsplit=1)[0].rsplit(maxsplit=1)[-1].replace(",", ""))

    total = exits(next(line for line in lines if "base:" in line))
    start = next(number for number, line in enumerate(lines) if "base:" in line) + 1
    assert sum(exits(line) for line in lines[start : start + len(by_age)]) == total


def test_the_newest_list_outside_its_forecast_raises_an_alert_if_asked(
    workforce: Command, tmp_path: Path
) -> None:
    shaken = past.write_lists(tmp_path / "lists", past.with_mass_exit(past.company(3), *past.DATES[-2:]))
    flags = ["--history", str(shaken), "--file", str(tmp_path / "b.csv"), "--output", str(tmp_path / "runs")]
    assert workforce("backtest", *flags)[0] == 0
    assert not store_of(tmp_path / "runs").exists
    for _ in range(2):
        assert workforce("backtest", *flags, "--alert")[0] == 0
    [raised] = store_of(tmp_path / "runs").recent()
    assert raised.alert.run_id == str(shaken)
    assert raised.alert.link == (tmp_path / "b.html").as_uri()
    assert "; forecast " in raised.alert.facts["Exits"]


def test_an_alert_about_a_list_that_is_not_the_newest_is_refused(
    workforce: Command, lists: Path, tmp_path: Path
) -> None:
    flags = ["--history", str(lists), "--file", str(tmp_path / "b.csv"), "--until", "2020-12-31"]
    status, text = workforce("backtest", *flags, "--alert")
    assert status == 2
    assert "--alert with --until: an alert is about the newest list" in text
    assert not (tmp_path / "b.csv").exists()


def test_files_that_are_not_of_a_fit_are_not_replaced(
    workforce: Command, lists: Path, tmp_path: Path
) -> None:
    page = tmp_path / "mine.html"
    page.write_text("my own page", "utf-8")
    status, text = workforce("fit", "--history", str(lists), "--out", str(tmp_path / "mine.yaml"))
    assert status == 2
    assert "mine.html exists" in text
    (tmp_path / "other.uncertainty.json").mkdir()
    status, text = workforce("fit", "--history", str(lists), "--out", str(tmp_path / "other.yaml"))
    assert status == 2
    assert "is a folder" in text
    newest = max(lists.glob("*.csv"))
    before = newest.read_bytes()
    status, text = workforce("backtest", "--history", str(lists), "--file", str(newest))
    assert status == 2
    assert "was not written by `workforce backtest`" in text
    assert newest.read_bytes() == before
    assert page.read_text("utf-8") == "my own page"
