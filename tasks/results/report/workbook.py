"""The workbook results.xlsx: a summary, charts, a sheet per table with formulas that check it, and their sum.

Formulas hold the value that they show, so that a viewer that calculates nothing shows it too.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from tasks.results.report.heading import heading, run_facts, title
from tasks.results.report.key_figures import baseline_of, overview
from tasks.results.report.sentences import sentences
from tasks.results.report.table import SCENARIO, Kind, Table, number_in
from tasks.results.report.workbook_charts import add_charts
from tasks.results.report.workbook_checks import DIFFERS, OK, CheckColumn, checks_of
from tasks.results.sheets import (
    Book,
    open_workbook,
    replacing_file,
    set_up_printing,
    write_header,
    write_rows,
)
from tasks.runs.calendar import recorded_calendar
from tasks.runs.record import RunRecord
from tasks.text.money import Money

#: The sheet that counts the checks of all sheets.
SUMS = "Adds up"
_WIDTHS: dict[Kind, int] = {"text": 22, "year": 8, "month": 10, "money": 18}
_CHECK_WIDTH = 14
#: Width of the summary's columns, and the characters of a sentence that fit into a line of it.
_TOPIC, _FIGURE, _LINE = 24, 20, 125


def write_workbook(path: Path, tables: Sequence[Table], record: RunRecord) -> None:
    """Write summary, charts, the tables of the report, the sum of the checks, and what columns mean."""
    checks = checks_of(tables, recorded_calendar(record))
    name = title(record)
    with (
        replacing_file(path) as temporary,
        open_workbook(temporary, Money.of(record), streamed=False) as book,
    ):
        _Summary(book, name).write(tables, record, checks)
        add_charts(book.file, tables, baseline_of(record), name)
        for table in tables:
            _write_table(book, table, checks[table.key], name)
        _write_sums(book, tables, checks, name)
        _explain(book, tables, checks, name)


def _write_table(book: Book, table: Table, checks: Sequence[CheckColumn], name: str) -> None:
    """Write a table, and right of it its checks."""
    sheet = book.file.add_worksheet(table.name)
    widths = [
        _WIDTHS.get(column.kind, 12) + (table.money.extra_width if column.kind == "money" else 0)
        for column in table.columns
    ]
    columns = [*zip(table.headings, widths, strict=True), *((check.label, _CHECK_WIDTH) for check in checks)]
    write_header(sheet, columns, book.header)
    keys = [column.key for column in table.columns]
    rows = (tuple(number_in(row, key) for key in keys) for row in table.rows)
    write_rows(sheet, rows, [book.formats.get(kind) for kind in _format_names(table)])
    for place, column in enumerate(checks, start=len(table.columns)):
        for number, check in enumerate(column.checks, start=1):
            if check is not None:
                sheet.write_formula(number, place, check.formula, None, check.value)
        _mark_differing(book, sheet, (1, place, len(table.rows), place))
    set_up_printing(sheet, name)


def _format_names(table: Table) -> list[str]:
    """Return the format name of each column; counts with decimals, as means have, show one decimal."""
    return [
        "mean count"
        if column.kind == "count" and any(round(float(row[column.key] or 0), 6) % 1 for row in table.rows)
        else column.kind
        for column in table.columns
    ]


def _mark_differing(book: Book, sheet: Worksheet, cells: tuple[int, int, int, int]) -> None:
    red = book.file.add_format({"bg_color": "#F8D0D0", "bold": True})
    sheet.conditional_format(
        *cells, {"type": "cell", "criteria": "==", "value": f'"{DIFFERS}"', "format": red}
    )


def _write_sums(
    book: Book, tables: Sequence[Table], checks: Mapping[str, Sequence[CheckColumn]], name: str
) -> None:
    """Write how many rows each check has and how many of them differ; the last row has the sum."""
    sheet = book.file.add_worksheet(SUMS)
    columns = [("Sheet", 18), ("Check", 20), ("What", 70), ("Rows", 8), ("Differ", 8), ("Result", 10)]
    write_header(sheet, columns, book.header)
    row = 0
    for row, (table, place, column) in enumerate(_all(tables, checks), start=1):
        letter = xl_col_to_name(place)
        cells = f"'{table.name}'!${letter}$2:${letter}${len(table.rows) + 1}"
        for at, text in enumerate((table.name, column.label, column.meaning)):
            sheet.write_string(row, at, text)
        values = [check.value for check in column.checks if check]
        differing = values.count(DIFFERS)
        sheet.write_formula(
            row, 3, f'=COUNTIF({cells},"{OK}")+COUNTIF({cells},"{DIFFERS}")', None, len(values)
        )
        sheet.write_formula(row, 4, f'=COUNTIF({cells},"{DIFFERS}")', None, differing)
        sheet.write_formula(
            row, 5, f'=IF(E{row + 1}=0,"{OK}","{DIFFERS}")', None, DIFFERS if differing else OK
        )
    sheet.write_string(row + 1, 0, "All sheets", book.header)
    for at, letter in ((3, "D"), (4, "E")):
        value = _count(checks, only_differing=letter == "E")
        sheet.write_formula(row + 1, at, f"=SUM({letter}2:{letter}{row + 1})", book.header, value)
    result = DIFFERS if _count(checks, only_differing=True) else OK
    sheet.write_formula(row + 1, 5, f'=IF(E{row + 2}=0,"{OK}","{DIFFERS}")', book.header, result)
    _mark_differing(book, sheet, (1, 5, row + 1, 5))
    set_up_printing(sheet, name)


def _all(
    tables: Sequence[Table], checks: Mapping[str, Sequence[CheckColumn]]
) -> Iterator[tuple[Table, int, CheckColumn]]:
    """Yield each column of checks with its table and its place in the sheet."""
    for table in tables:
        for place, column in enumerate(checks[table.key], start=len(table.columns)):
            yield table, place, column


def _count(checks: Mapping[str, Sequence[CheckColumn]], *, only_differing: bool) -> int:
    """Return the number of checked rows, or of those that differ."""
    values = [
        check.value for columns in checks.values() for column in columns for check in column.checks if check
    ]
    return values.count(DIFFERS) if only_differing else len(values)


class _Summary:
    """The first sheet: title, run, five sentences, key figures by scenario, and whether sheets add up."""

    def __init__(self, book: Book, name: str) -> None:
        self._book, self._name = book, name
        self._sheet = book.file.add_worksheet("Summary")
        self._row = 0

    def write(
        self, tables: Sequence[Table], record: RunRecord, checks: Mapping[str, Sequence[CheckColumn]]
    ) -> None:
        """Fill the sheet from top to bottom."""
        add = self._book.file.add_format
        self._sheet.hide_gridlines(2)
        figures = overview(tables, record)
        self._sheet.set_column(0, 0, _TOPIC)
        self._sheet.set_column(1, max(len(figures.columns) - 1, 7), _FIGURE)
        self._line(heading(record), add({"bold": True, "font_size": 16}), height=24)
        self._wrapped(
            run_facts(record), add({"text_wrap": True, "valign": "top", "font_color": "#555555"}), 0
        )
        self._row += 1
        bold, text = add({"bold": True, "valign": "top"}), add({"text_wrap": True, "valign": "top"})
        for sentence in sentences(tables, record):
            self._sheet.write_string(self._row, 0, sentence.topic, bold)
            self._wrapped(sentence.text, text, 1)
        self._row += 1
        self._line(figures.title, bold)
        self._key_figures(figures, baseline_of(record))
        self._row += 1
        self._checked(checks, bold)
        set_up_printing(self._sheet, self._name, repeated=False)

    def _line(self, text: str, form: Any, height: float | None = None) -> None:
        self._sheet.write_string(self._row, 0, text, form)
        if height:
            self._sheet.set_row(self._row, height)
        self._row += 1

    def _wrapped(self, text: str, form: Any, first: int) -> None:
        """Write text over the merged columns from `first` to the seventh, as high as its lines need."""
        self._sheet.merge_range(self._row, first, self._row, 7, "", form)
        self._sheet.write_string(self._row, first, text, form)
        self._sheet.set_row(self._row, 15.5 * (1 + len(text) // _LINE))
        self._row += 1

    def _key_figures(self, figures: Table, baseline: str) -> None:
        """Write a row per scenario; differences are formulas on the cells beside them."""
        header = self._row
        for place, label in enumerate(figures.headings):
            self._sheet.write_string(header, place, label, self._book.header)
        keys = [column.key for column in figures.columns]
        scenarios = [row[SCENARIO.key] for row in figures.rows]
        formats = [self._book.formats.get(kind) for kind in _format_names(figures)]
        for number, row in enumerate(figures.rows, start=header + 1):
            for place, key in enumerate(keys):
                value = row[key]
                of = key.removesuffix("_difference")
                if value is None:
                    continue
                if of == key:
                    write_rows(self._sheet, [[None] * place + [value]], formats, number)
                    continue
                letter = xl_col_to_name(keys.index(of))
                at_baseline = header + 2 + scenarios.index(baseline)
                formula = f"={letter}{number + 1}-{letter}${at_baseline}"
                self._sheet.write_formula(number, place, formula, formats[place], value)
        self._row = header + 1 + len(figures.rows)

    def _checked(self, checks: Mapping[str, Sequence[CheckColumn]], bold: Any) -> None:
        """Write whether all sheets add up."""
        last = 2 + sum(map(len, checks.values()))  # the row of the sum in the sheet of checks
        differing = _count(checks, only_differing=True)
        self._sheet.write_string(self._row, 0, "All sheets add up", bold)
        self._sheet.write_formula(self._row, 1, f"='{SUMS}'!F{last}", bold, DIFFERS if differing else OK)
        _mark_differing(self._book, self._sheet, (self._row, 1, self._row, 1))
        note = f"Live formulas in the sheets; sheet {SUMS} counts them."
        self._sheet.write_string(self._row, 2, note)


def _explain(
    book: Book, tables: Sequence[Table], checks: Mapping[str, Sequence[CheckColumn]], name: str
) -> None:
    sheet = book.file.add_worksheet("Columns")
    write_header(sheet, [("Sheet", 14), ("Column", 26), ("Meaning", 90)], book.header)
    rows = [
        row
        for table in tables
        for row in (
            (table.name, None, f"{table.title}. {table.note}"),
            *(
                (table.name, heading, column.meaning)
                for heading, column in zip(table.headings, table.columns, strict=True)
            ),
            *((table.name, check.label, check.meaning) for check in checks[table.key]),
        )
    ]
    write_rows(sheet, rows, [None, None, None])
    set_up_printing(sheet, name)
