"""The company's name in every title, and its number format in every number, of report and slides."""

import json
import re
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from settings import InputError, SettingsError, load_settings
from tasks.dashboard.charts.overlaid import difference_words
from tasks.dashboard.key_figures import BY_KEY
from tasks.results.report.write import write_report
from tasks.runs.company import in_number_format
from tasks.runs.directory import RunDirectory
from tasks.runs.record import read_record
from tasks.studies.goal import parse_goal
from tasks.text.money import PLAIN, Money
from tasks.text.numbers import FORMATS, numbers_as, written
from tests.simulate import Finished

NO_BREAK = "\N{NO-BREAK SPACE}"
#: A number with its marks; what is in a cell or a chart and no number, such as a date, has none.
NUMBER = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?|\d+\.\d+")


def of_company(finished: Finished, folder: Path, company: dict[str, Any]) -> RunDirectory:
    """Return a copy of a run whose settings have this section `company`."""
    copytree(finished.run.directory.path, folder / "of-company")
    directory = RunDirectory(folder / "of-company")
    record = json.loads(directory.record.read_text())
    record["run_id"] = directory.run_id
    record["settings"]["company"] = company
    directory.record.write_text(json.dumps(record))
    return directory


def numbers_of(html: str) -> list[str]:
    """Return the cells of numbers, and the texts and descriptions in charts, in their order."""
    return re.findall(r'<td class="n[^"]*">([^<]*)<|<text[^>]*>([^<]*)<|aria-label="([^"]*)"', html)


@pytest.mark.slow
def test_all_numbers_of_the_report_are_in_the_companys_format(finished: Finished, tmp_path: Path) -> None:
    directory = of_company(finished, tmp_path, {"name": "Kühn & Söhne <AG>", "number_format": "1.234,5"})
    usual, theirs = tmp_path / "usual.html", tmp_path / "theirs.html"
    write_report(finished.run.directory, usual)
    write_report(directory, theirs)
    swapped = str.maketrans(",.", ".,")
    before, after = (numbers_of(file.read_text()) for file in (usual, theirs))
    assert sum(bool(NUMBER.search("".join(cells))) for cells in before) > 500
    for one, other in zip(before, after, strict=True):
        assert NUMBER.sub(lambda found: found[0].translate(swapped), "".join(one)) == "".join(other)


def test_titles_name_the_company(finished: Finished, tmp_path: Path) -> None:
    name = "Kühn & Söhne <AG>"
    directory = of_company(finished, tmp_path, {"name": name, "number_format": "1,234.5"})
    write_report(directory, tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text()
    escaped = "Kühn &amp; Söhne &lt;AG&gt;"
    assert f"<h1>{escaped}: Workforce" in html
    assert f"<title>{escaped}: Workforce" in html
    assert name not in html


def test_a_run_of_an_earlier_version_has_no_company(finished: Finished, tmp_path: Path) -> None:
    directory = of_company(finished, tmp_path, {})
    write_report(directory, tmp_path / "report.html")
    assert "<h1>Workforce" in (tmp_path / "report.html").read_text()


def test_an_unknown_format_in_run_json_is_refused(finished: Finished, tmp_path: Path) -> None:
    record = read_record(of_company(finished, tmp_path, {"number_format": "1_234"}))
    with pytest.raises(InputError, match=r"company\.number_format: '1_234'; allowed are 1,234\.5"):
        in_number_format(record).__enter__()


@pytest.mark.parametrize(
    ("name", "number", "amount"),
    [
        ("1,234.5", "-1,234,567.5", "EUR 1.2 M"),
        ("1.234,5", "-1.234.567,5", "EUR 1,2 M"),
        ("1 234,5", f"-1{NO_BREAK}234{NO_BREAK}567,5", "EUR 1,2 M"),
        ("1 234.5", f"-1{NO_BREAK}234{NO_BREAK}567.5", "EUR 1.2 M"),
        ("1'234.5", "-1’234’567.5", "EUR 1.2 M"),
    ],
)
def test_formats(name: str, number: str, amount: str) -> None:
    with numbers_as(FORMATS[name]):
        assert written(-1234567.5, ",.1f") == number
        assert Money("EUR").millions(1234567.5) == amount.replace(" ", NO_BREAK, 1)
    assert PLAIN.to_the_cent(1234.5) == "1,234.50"


@pytest.mark.parametrize(
    ("key", "value"),
    [("company.number_format", "1234.5"), ("company.name", "''"), ("company.name", '"two\\nlines"')],
)
def test_wrong_values_are_refused(key: str, value: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(key)):
        load_settings(sets=[f"{key}={value}"], environ={})


def test_formats_need_no_quotes_on_the_command_line() -> None:
    for name in FORMATS:
        assert (
            load_settings(sets=[f"company.number_format={name}"], environ={}).base.company.number_format
            == name
        )


def test_differences_and_goals_are_written_in_the_format() -> None:
    headcount, ratio = BY_KEY["headcount"], BY_KEY["compa_ratio"]
    goal = parse_goal("payroll@2027<=290M", range(2025, 2030))
    with numbers_as(FORMATS["1.234,5"]):
        more = difference_words(3157, 2272, headcount, headcount.measure(PLAIN))
        assert more == "+885 employees (+39,0%)"
        points = difference_words(1.021, 1.0, ratio, ratio.measure(PLAIN))
        assert points == "+2,1 percentage points"
        assert str(goal) == "payroll in 2027 <= 290.000.000"
        assert goal.text_of(1234567.5) == "1.234.567,50"
        assert goal.text_of(290e6) == "290.000.000"
    assert str(goal) == "payroll in 2027 <= 290,000,000"
