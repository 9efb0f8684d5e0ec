"""The workbook: formulas give what they show, charts draw the sheets' cells, it prints, numbers are such."""

import resource
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from tasks.results.report.figures import tables
from tasks.results.report.sentences import sentences
from tasks.results.report.table import Table
from tasks.results.report.workbook import SUMS, write_workbook
from tasks.results.sheets import open_workbook, replacing_file
from tasks.runs.record import RunRecord, read_record
from tasks.text.money import PLAIN
from tasks.warehouse.published import published
from tests.results.formulas import Formulas
from tests.results.test_deck import assert_everything_fits, slides_of
from tests.simulate import Finished


def _tables(finished: Finished) -> tuple[list[Table], RunRecord]:
    record = read_record(finished.run.directory)
    with published(finished.run.directory.results) as connection:
        return tables(connection, record), record


@pytest.fixture(scope="module")
def book(finished: Finished) -> openpyxl.Workbook:
    return openpyxl.load_workbook(finished.run.directory.workbook)


def assert_formulas_give_what_they_show(path: Path) -> Formulas:
    """Compute each formula; what is stored as its result, and shown without computing, is the same."""
    found = Formulas(path)
    for cell in found.formulas():
        assert found.value(cell) == pytest.approx(found.stored[cell]), (cell, found.cells[cell])
    return found


def test_formulas_give_what_they_show_and_all_sheets_add_up(finished: Finished) -> None:
    found = assert_formulas_give_what_they_show(finished.run.directory.workbook)
    checked = {sheet for sheet, _ in found.formulas()} - {"Summary", SUMS}
    assert checked == {
        *("Headcount", "Payroll", "Cost", "Months", "Levels", "Causes", "Dimensions"),
        *("Differences", "Cost differences"),
    }
    results = {found.value(cell) for cell in found.formulas() if cell[0] in checked}
    assert results == {"OK"}
    (total,) = (address for (sheet, address), value in found.cells.items() if value == "All sheets add up")
    assert found.value(("Summary", total.replace("A", "B"))) == "OK"


def test_fiscal_years_with_a_stub_add_up(uncertain: Finished, tmp_path: Path) -> None:
    """Months belong to years such as FY2027 (stub), and figures are means of three replicates."""
    found, record = _tables(uncertain)
    write_workbook(tmp_path / "stub.xlsx", found, record)
    formulas = assert_formulas_give_what_they_show(tmp_path / "stub.xlsx")
    years = {
        value for (sheet, address), value in formulas.cells.items() if sheet == "Cost" and address[0] == "B"
    }
    assert years == {"Year", "FY2027 (stub)", "FY2028", "FY2029"}
    results = {formulas.value(cell) for cell in formulas.formulas() if cell[0] not in ("Summary", SUMS)}
    assert results == {"OK"}
    assert_everything_fits(slides_of(found, record))


@pytest.mark.slow
def test_sheets_of_segments_and_known_actions_add_up(rich: Finished) -> None:
    found = assert_formulas_give_what_they_show(rich.run.directory.workbook)
    sheets = {sheet for sheet, _ in found.formulas()}
    assert {"Segments", "Known actions"} <= sheets
    assert {found.value(cell) for cell in found.formulas() if cell[0] not in ("Summary", SUMS)} == {"OK"}


@pytest.mark.parametrize(
    ("sheet", "column", "differing"),
    [
        # a hire more: the year does not add up, and its months do not add up to it
        ("Headcount", "Hires", 2),
        # cost of a month: the month itself, and the year's months
        ("Months", "Loaded cost", 2),
        # the sum of levels, in headcount; and the level itself
        ("Levels", "Closing", 2),
    ],
)
def test_a_changed_figure_is_found(finished: Finished, sheet: str, column: str, differing: int) -> None:
    found = Formulas(finished.run.directory.workbook)
    (address,) = (
        address
        for (name, address), value in found.cells.items()
        if name == sheet and value == column and address.rstrip("0123456789") + "1" == address
    )
    place = (sheet, f"{address[:-1]}2")
    found.cells[place] += 1
    off = [
        cell
        for cell in found.formulas()
        if cell[0] not in ("Summary", SUMS) and found.value(cell) == "differs"
    ]
    assert len(off) == differing, off
    last = max(int(address[1:]) for name, address in found.formulas() if name == SUMS)
    assert found.value((SUMS, f"E{last}")) == differing and found.value((SUMS, f"F{last}")) == "differs"
    (total,) = (address for (name, address), value in found.cells.items() if value == "All sheets add up")
    assert found.value(("Summary", total.replace("A", "B"))) == "differs"


def test_a_table_that_does_not_add_up_is_shown_so_without_computing(
    finished: Finished, tmp_path: Path
) -> None:
    found, record = _tables(finished)
    broken = [
        replace(table, rows=({**table.rows[0], "closing": table.rows[0]["closing"] + 1}, *table.rows[1:]))
        if table.key == "headcount"
        else table
        for table in found
    ]
    write_workbook(tmp_path / "broken.xlsx", broken, record)
    formulas = assert_formulas_give_what_they_show(tmp_path / "broken.xlsx")
    stored = [value for (sheet, _), value in formulas.stored.items() if sheet == "Headcount"]
    assert stored.count("differs") == 3, "the row itself, its levels, and the year that follows"
    assert [value for (sheet, _), value in formulas.stored.items() if sheet == "Summary"].count(
        "differs"
    ) == 1


def test_the_first_sheet_has_the_five_sentences_and_the_key_figures(
    finished: Finished, book: openpyxl.Workbook
) -> None:
    found, record = _tables(finished)
    cells = {cell.coordinate: cell.value for row in book["Summary"].iter_rows() for cell in row if cell.value}
    texts = set(map(str, cells.values()))
    assert {sentence.text for sentence in sentences(found, record)} <= texts
    rows = [row for row in book["Summary"].iter_rows(values_only=True) if row[0] in record.scenario_ids]
    assert [row[0] for row in rows] == list(record.scenario_ids)
    closing = {
        row["scenario_id"]: row["closing"]
        for table in found
        if table.key == "headcount"
        for row in table.rows
    }
    assert [row[1] for row in rows] == pytest.approx([closing[name] for name in record.scenario_ids])
    differences = [row[2] for row in rows]
    assert differences[0] is None and all(str(each).startswith("=B") for each in differences[1:])


def test_charts_are_native_and_draw_cells_of_the_sheets(book: openpyxl.Workbook) -> None:
    charts = book["Charts"]._charts
    assert len(charts) == 8
    for chart in charts:
        for series in chart.series:
            for reference in (series.val.numRef.f, (series.cat.strRef or series.cat.numRef).f):
                name, _, cells = reference.rpartition("!")
                drawn = [row[0].value for row in book[name.strip("'")][cells.replace("$", "")]]
                assert len(drawn) >= 2 and None not in drawn, reference
            # of one scenario: no series runs into the rows of the next
            first, last = series.val.numRef.f.rpartition("!")[2].replace("$", "").split(":")
            sheet = book[series.val.numRef.f.rpartition("!")[0].strip("'")]
            scenarios = {sheet[f"A{row}"].value for row in range(_row(first), _row(last) + 1)}
            assert len(scenarios) == 1
        if chart.tagname == "barChart":
            assert chart.y_axis.scaling.min == 0, "bars start at zero"


def _row(address: str) -> int:
    return int("".join(filter(str.isdigit, address)))


def test_every_sheet_prints_on_pages_of_its_width(book: openpyxl.Workbook) -> None:
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToWidth in (1, None) and sheet.page_setup.fitToHeight == 0
        assert "&P" in str(sheet.oddFooter.right.text)
        if sheet.title not in ("Summary", "Charts"):
            assert sheet.print_title_rows == "$1:$1", f"{sheet.title}: the header is on each page"


def test_settings_that_are_numbers_are_numbers(finished: Finished, book: openpyxl.Workbook) -> None:
    values = {row[0]: row[1] for row in book["Settings"].iter_rows(min_row=2, values_only=True)}
    assert values["simulation.start_year"] == 2027 and values["cost.severance.amount"] == 123.45
    assert values["simulation.mode"] == "exact"
    assert not [
        value for value in values.values() if isinstance(value, str) and value.replace(".", "").isdigit()
    ]
    overrides = list(book["Overrides"].iter_rows(min_row=2, values_only=True))
    assert ("cut", "simulation.target_growth_rate", 0.03, -0.1) in overrides
    facts = dict(book["Provenance"].iter_rows(min_row=2, values_only=True))
    assert facts["Replicates"] == 2 and facts["Random seed"] == finished.seed


def test_a_full_disk_names_the_workbook_and_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "results.xlsx"
    path.write_text("the last one")
    _, hard = limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))  # as a full disk
    try:
        with (
            pytest.raises(OSError, match=r"File too large: '.*results\.xlsx'"),
            replacing_file(path) as temporary,
            open_workbook(temporary, PLAIN, streamed=True) as book,
        ):
            book.file.add_worksheet("one").write_string(0, 0, "text")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert [file.read_text() for file in tmp_path.iterdir()] == ["the last one"]
