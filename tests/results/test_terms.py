"""Each of the two turnovers has one name everywhere, and its denominator is stated."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from settings.schema import json_schema
from tasks.text.terms import EXPERIENCED, EXPERIENCED_MEANING, TOTAL, TOTAL_MEANING
from tests.docs.markdown import PAGES
from tests.simulate import Finished

#: A turnover without 'experienced' or 'total'. `turnover` is the name of a figure on the command line.
UNNAMED = re.compile(r"(?<!experienced )(?<!total )(?<![`'\w@./-])turnover(?![\w@`'-])", re.IGNORECASE)


def unnamed(text: str) -> list[str]:
    """Return the passages in which a text names a turnover without its kind."""
    text = re.sub(r"\s+", " ", re.sub(r"[*_`]*turnovers?[*_`]*", lambda found: found[0].strip("*_"), text))
    return [text[max(0, found.start() - 60) : found.end() + 20] for found in UNNAMED.finditer(text)]


def visible(report: Path) -> str:
    """Return the text of a page, including its charts."""
    body = report.read_text(encoding="utf-8").partition("</style>")[2]
    return html.unescape(re.sub(r"<[^>]*>", " ", body))


def texts_of(schema: Any) -> Iterator[str]:
    """Yield every description in the settings' schema."""
    if isinstance(schema, dict):
        if isinstance(schema.get("description"), str):
            yield schema["description"]
        for value in schema.values():
            yield from texts_of(value)


def test_the_report_names_both_and_states_their_denominators(finished: Finished) -> None:
    text = re.sub(r"\s+", " ", visible(finished.run.directory.report))
    assert f"{EXPERIENCED}: {EXPERIENCED_MEANING}" in text and f"{TOTAL}: {TOTAL_MEANING}" in text
    assert unnamed(text) == []


def test_the_workbook_names_both_and_states_their_denominators(finished: Finished) -> None:
    sheets = pl.read_excel(finished.run.directory.workbook, sheet_id=0)
    assert EXPERIENCED in sheets, "the sheet by age and tenure"
    columns = sheets["Headcount"].columns
    assert EXPERIENCED in columns and TOTAL in columns
    explained = {
        row["Column"]: row["Meaning"] for row in sheets["Columns"].filter(Sheet="Headcount").to_dicts()
    }
    assert explained[EXPERIENCED].lower() == EXPERIENCED_MEANING.lower()
    assert explained[TOTAL].lower() == TOTAL_MEANING.lower()
    for name, rows in sheets.items():
        texts = [
            name,
            *rows.columns,
            *(value for row in rows.rows() for value in row if isinstance(value, str)),
        ]
        assert [place for text in texts for place in unnamed(text)] == [], name


def test_their_figures_are_those_of_the_summary(finished: Finished) -> None:
    rows = pl.read_excel(finished.run.directory.workbook, sheet_name="Headcount")
    means = finished.summary.group_by("scenario_id", "simulation_year").mean()
    joined = rows.join(means, left_on=["Scenario", "Year"], right_on=["scenario_id", "simulation_year"])
    assert joined.height == rows.height == 8
    for row in joined.iter_rows(named=True):
        left = row["experienced_terminations"]
        assert row[EXPERIENCED] == pytest.approx(left / row["opening_headcount"])
        everybody = left + row["new_hire_terminations"] + row["reductions"]
        average = (row["opening_headcount"] + row["ending_headcount"]) / 2
        assert row[TOTAL] == pytest.approx(everybody / average)
    exact = joined.filter(Scenario="base")
    assert exact[EXPERIENCED].to_list() == pytest.approx([0.12, 0.12], abs=0.5 / 190), "as in the settings"


def test_compare_names_it_and_states_its_denominator(finished: Finished) -> None:
    output = finished.run.directory.path.parent
    done = CliRunner().invoke(app, ["compare", "run", "--output", str(output)], catch_exceptions=False)
    assert TOTAL in done.stdout and f"{TOTAL}: {TOTAL_MEANING}." in done.stdout
    assert unnamed(done.stdout) == []


def test_settings_and_documents_name_which() -> None:
    for text in texts_of(json_schema()):
        assert unnamed(text) == []
    for page in PAGES:
        assert unnamed(page.read_text(encoding="utf-8").replace("two turnovers", "")) == [], page.name


@pytest.mark.parametrize("text", ["The turnover is 12 %", "Turnover, points", "*turnover* of Sales"])
def test_a_turnover_without_a_name_is_found(text: str) -> None:
    assert len(unnamed(text)) == 1
