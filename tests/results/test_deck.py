"""The slides: eight, with native charts of the tables' figures, and no text beyond its frame."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageFont
from pptx import Presentation
from typer.testing import CliRunner

from flows.cli.main import app
from settings.errors import InputError
from tasks.results.report.deck import LARGEST, deck
from tasks.results.report.deck_layout import fitted, short_names
from tasks.results.report.figures import tables
from tasks.results.report.sentences import sentences
from tasks.results.report.table import Column, Table
from tasks.runs.record import RunRecord, read_record
from tasks.warehouse.published import published
from tests.simulate import Finished

#: Points of an inch in the units of a slide.
EMU = 914_400
LONG = "a-scenario-with-the-longest-name-that-is-allowed-sixty-four-char"


@pytest.fixture(scope="module")
def found(finished: Finished) -> tuple[list[Table], RunRecord]:
    record = read_record(finished.run.directory)
    with published(finished.run.directory.results) as connection:
        return tables(connection, record), record


def slides_of(tables: Sequence[Table], record: RunRecord) -> list[Any]:
    return list(Presentation(io.BytesIO(deck(tables, record))).slides)


def of_scenarios(
    tables: Sequence[Table], record: RunRecord, names: Sequence[str]
) -> tuple[list[Table], RunRecord]:
    """The tables and the record with the rows of the scenario `base` under other names."""
    base = record.scenarios[0]
    renamed = tuple(base.model_copy(update={"id": name}) for name in names)
    chosen = [
        replace(
            table,
            rows=tuple(
                {**row, "scenario_id": name}
                for name in names
                for row in table.rows
                if row.get("scenario_id") == base.id
            ),
        )
        if table.columns[0].key == "scenario_id"
        else table
        for table in tables
    ]
    return [table for table in chosen if table.rows], record.model_copy(update={"scenarios": renamed})


def texts(slide: Any) -> list[str]:
    return [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]


def charts(slide: Any) -> list[Any]:
    return [shape.chart for shape in slide.shapes if shape.has_chart]


def cells(slide: Any) -> list[list[list[str]]]:
    """The texts of a slide's tables."""
    return [
        [[cell.text for cell in row.cells] for row in shape.table.rows]
        for shape in slide.shapes
        if shape.has_table
    ]


def _lines(frame: Any, width: float) -> Iterator[float]:
    """Yield the height of each line, in points, of a frame of a width in points, by the widths of letters."""
    for paragraph in frame.paragraphs:
        words = [(word, run) for run in paragraph.runs for word in run.text.split()]
        used, size = 0.0, 0.0
        for word, run in words:
            size = run.font.size.pt
            length = ImageFont.load_default(size).getlength(f"{word} ")
            while length > width:  # a word without a blank is broken
                length -= width
                yield size * 1.2
            if used + length > width:
                yield size * 1.2
                used = 0.0
            used += length
        if words:
            yield size * 1.2 + (paragraph.space_after.pt if paragraph.space_after else 0)


def assert_everything_fits(slides: Sequence[Any]) -> None:
    """Each shape lies within the slide and beside the others, each text within its frame or cell."""
    for slide in slides:
        boxes = []
        for shape in slide.shapes:
            left, top, width, height = (
                value / EMU for value in (shape.left, shape.top, shape.width, shape.height)
            )
            assert left >= 0 and top >= 0 and left + width <= 13.334 and top + height <= 7.501, shape.name
            boxes.append((left, top, left + width, top + height, shape.name))
            if shape.has_text_frame:
                needed = sum(_lines(shape.text_frame, (width - 0.2) * 72)) / 72
                assert needed <= height, (shape.text_frame.text, needed, height)
            if shape.has_table:
                for row in shape.table.rows:
                    for cell, column in zip(row.cells, shape.table.columns, strict=True):
                        inner = (column.width - cell.margin_left - cell.margin_right) / EMU * 72
                        assert sum(_lines(cell.text_frame, inner)) / 72 <= row.height / EMU, cell.text
        for number, one in enumerate(boxes):
            for other in boxes[number + 1 :]:
                beside = one[2] <= other[0] + 0.01 or other[2] <= one[0] + 0.01
                above = one[3] <= other[1] + 0.01 or other[3] <= one[1] + 0.01
                assert beside or above, (one, other)


def test_eight_slides_with_the_summary_and_sources(found: tuple[list[Table], RunRecord]) -> None:
    slides = slides_of(*found)
    assert len(slides) == 8
    assert_everything_fits(slides)
    summary = " ".join(texts(slides[1]))
    for sentence in sentences(*found):
        assert sentence.text in summary and sentence.text in slides[1].notes_slide.notes_text_frame.text
    for slide in slides:
        assert slide.shapes.title.text_frame.text
        assert "Source: " in slide.notes_slide.notes_text_frame.text
    ((header, *rows),) = cells(slides[2])
    assert [row[0] for row in rows] == list(found[1].scenario_ids)
    assert header[:3] == ["Scenario", "Employees", "Employees: difference"]
    assert [len(charts(slide)) for slide in slides] == [0, 0, 0, 1, 2, 2, 2, 0]
    sure = [table[0][0] for table in cells(slides[7])]
    assert sure == ["Assumption", "2028: percentile"]


def test_charts_are_native_and_hold_the_figures_of_the_tables(found: tuple[list[Table], RunRecord]) -> None:
    by_key = {table.key: table.rows for table in found[0]}
    slides = slides_of(*found)
    (heads,) = charts(slides[3])
    payroll, cost = charts(slides[4])
    movements, turnover = charts(slides[5])
    for chart, key, value, unit in (
        (heads, "headcount", "closing", 1),
        (payroll, "payroll", "closing", 1e6),
        (cost, "cost", "loaded_cost", 1e6),
        (turnover, "headcount", "total_turnover", 1),
    ):
        assert list(chart.plots[0].categories) == ["2027", "2028"]
        for series in chart.plots[0].series:
            truth = [row[value] / unit for row in by_key[key] if row["scenario_id"] == series.name]
            assert list(series.values) == pytest.approx(truth)
        assert [series.name for series in chart.plots[0].series] == list(found[1].scenario_ids)
    base = [row for row in by_key["headcount"] if row["scenario_id"] == "base"]
    assert {series.name: list(series.values) for series in movements.plots[0].series} == {
        "Hires": pytest.approx([row["hires"] for row in base]),
        "Experienced leavers": pytest.approx([row["experienced_leavers"] for row in base]),
        "New-hire leavers": pytest.approx([row["new_hire_leavers"] for row in base]),
    }
    levels, departments = charts(slides[6])
    for chart in (payroll, cost, movements, levels, departments):
        assert chart.value_axis.minimum_scale == 0, "bars start at zero"
    closing = [sum(values) for values in zip(*(each.values for each in levels.plots[0].series), strict=True)]
    assert closing == pytest.approx([row["closing"] for row in base])
    assert sum(departments.plots[0].series[1].values) == pytest.approx(base[-1]["closing"])


def test_one_scenario_has_its_years_instead_of_a_comparison(found: tuple[list[Table], RunRecord]) -> None:
    chosen, record = of_scenarios(*found, ["base"])
    chosen = [
        table for table in chosen if table.key not in ("differences", "breakdown", "overrides", "spread")
    ]
    slides = slides_of(chosen, record)
    assert_everything_fits(slides)
    assert slides[2].shapes.title.text_frame.text == "Key figures by year"
    ((_, *rows),) = cells(slides[2])
    heads = next(table.rows for table in chosen if table.key == "headcount")
    assert [row[0] for row in rows] == ["2027", "2028"]
    assert [row[4] for row in rows] == [f"{row['closing']:,.0f}" for row in heads]


def test_many_long_names_and_values_fit(found: tuple[list[Table], RunRecord]) -> None:
    """Nine scenarios of 64 letters, forty departments, and tables of goals and attribution."""
    names = ["base", *(f"{LONG[:-1]}{number}" for number in range(8))]
    chosen, record = of_scenarios(*found, names)
    headings = (Column("goal", "Goal", "text", ""), Column("probability", "Probability", "share", ""))
    goals = tuple({"goal": f"{LONG} payroll@2028<=300M", "probability": 0.9 - at / 100} for at in range(40))
    chosen += [Table(key, key.capitalize(), "", headings, goals) for key in ("goals", "attribution")]
    chosen = [_of_many_departments(table) if table.key == "dimensions" else table for table in chosen]
    slides = slides_of(chosen, record)
    assert len(slides) == 8
    assert_everything_fits(slides)
    (heads,) = charts(slides[3])
    drawn = [series.name for series in heads.plots[0].series]
    assert len(set(drawn)) == len(drawn) == 6 and all(len(name) <= 26 for name in drawn)
    notes = slides[3].notes_slide.notes_text_frame.text
    assert "Drawn are the first 6 of 9 scenarios." in notes and names[1] in notes
    _, departments = charts(slides[6])
    categories = list(departments.plots[0].categories)
    assert len(categories) == LARGEST + 1 and categories[-1] == f"others ({40 - LARGEST})"
    assert sum(departments.plots[0].series[1].values) == sum(range(40)), "others hold the rest"
    assert [table[0][0] for table in cells(slides[2])] == ["Scenario", "Goal"], "with the attribution"
    assert [table[0][0] for table in cells(slides[7])] == ["Assumption", "Goal"]


def test_the_causes_of_the_cost_are_shown_for_every_scenario(found: tuple[list[Table], RunRecord]) -> None:
    chosen, record = of_scenarios(*found, ["base", "growth", "squeeze"])
    columns = [
        Column(key, key.capitalize(), "text", "") for key in ("scenario_id", "figure", "setting", "year_2029")
    ]
    rows = tuple(
        {"scenario_id": name, "figure": figure, "figure_key": figure, "setting": setting, "year_2029": "1"}
        for name in ("growth", "squeeze")
        for figure in ("headcount", "payroll", "paid", "loaded_cost")
        for setting in ("growth", "merit", "all settings")
    )
    slides = slides_of([*chosen, Table("attribution", "Causes", "", tuple(columns), rows)], record)
    _, causes = cells(slides[2])
    assert [row[:2] for row in causes[1:]] == [
        [name, "loaded_cost"] for name in ("growth", "squeeze") for _ in range(3)
    ]


def test_a_company_without_people_has_its_slides(found: tuple[list[Table], RunRecord]) -> None:
    chosen, record = of_scenarios(*found, ["base"])
    counts = ("opening", "hires", "experienced_leavers", "new_hire_leavers", "reductions", "closing")
    nothing = {**dict.fromkeys(counts, 0.0), "growth": None, "total_turnover": None}
    empty = [
        replace(table, rows=tuple({**row, **nothing} for row in table.rows))
        if table.key == "headcount"
        else table
        for table in chosen
        if table.key not in ("levels", "dimensions", "cost", "spread")
    ]
    slides = slides_of(empty, record)
    assert len(slides) == 8
    assert_everything_fits(slides)
    assert "Nobody is employed." in texts(slides[6])


def _of_many_departments(table: Table) -> Table:
    base = {**table.rows[0], "dimension": "department", "opening": 7.0}
    return replace(
        table,
        rows=tuple(
            {
                **base,
                "dimension_value": f"Department of something rather long number {number}",
                "closing": number,
            }
            for number in range(40)
        ),
    )


def test_texts_shrink_before_they_are_cut() -> None:
    assert fitted(["short"], 5, 1, (20, 10)) == (20, ["short"])
    assert fitted(["word " * 40], 5, 1, (20, 10))[0] == 10
    size, (cut,) = fitted(["word " * 400], 5, 1, (20, 10))
    assert size == 10 and cut.endswith("…") and len(cut) < 1000
    assert short_names(["same beginning 1", "same beginning 2", "x"], 12) == {
        "same beginning 1": "same beginn…",
        "same beginning 2": "same be… (2)",
        "x": "x",
    }


@pytest.mark.parametrize("flag", ["--pdf", "--pptx"])
def test_the_command_writes_a_private_file(finished: Finished, tmp_path: Path, flag: str) -> None:
    file = tmp_path / "new" / f"report.{flag[2:]}"
    output = str(finished.run.directory.path.parent)
    arguments = ["report", "run", flag, "--output", output, "--file"]
    for _ in range(2):  # the second time it is replaced
        done = CliRunner().invoke(app, [*arguments, str(file)], catch_exceptions=False)
        assert done.exit_code == 0 and str(file) in done.output.replace("\n", "")
        assert file.stat().st_mode & 0o777 == 0o600
        assert [path.name for path in file.parent.iterdir()] == [file.name]
        file.chmod(0o644)
    refused = CliRunner().invoke(app, [*arguments, str(tmp_path / "report.html")])
    assert isinstance(refused.exception, InputError)
    assert f"a name that ends in .{flag[2:]} is expected with {flag}" in str(refused.exception)
    assert not (tmp_path / "report.html").exists()


def test_one_kind_of_file_is_written(finished: Finished) -> None:
    output = str(finished.run.directory.path.parent)
    refused = CliRunner().invoke(app, ["report", "run", "--pdf", "--pptx", "--output", output])
    assert isinstance(refused.exception, InputError) and "give one of them" in str(refused.exception)
