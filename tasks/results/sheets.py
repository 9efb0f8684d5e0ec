"""Sheets of a workbook: how it is opened, headed, filled row by row, and set up to be printed."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from tasks.system.files import naming, private_files
from tasks.text.money import Money

#: Number formats by the kind of a column.
FORMATS: dict[str, str] = {
    "year": "0",
    "month": "yyyy-mm",
    "date": "yyyy-mm-dd",
    "count": "#,##0",
    "mean count": "#,##0.0",
    "figure": "#,##0.00",
    "number": "#,##0.00",
    "money": "#,##0.00",
    "share": "0.0%",
    "change": "+0.0%;-0.0%;0.0%",
}
_A4 = 9


@dataclass(frozen=True)
class Book:
    """An open workbook, with the format of headers and those of cells by the kind of their column."""

    file: xlsxwriter.Workbook
    header: Format
    formats: dict[str, Format]


@contextmanager
def open_workbook(path: Path, money: Money, *, streamed: bool) -> Iterator[Book]:
    """Open a workbook that writes no text as formula or link.

    A `streamed` workbook keeps one row in memory: its rows are written in order, and its charts hold no copy
    of the figures.
    """
    options = {
        "constant_memory": streamed,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": True,
    }
    try:
        with (
            # xlsxwriter leaves its parts behind if the disk is full
            TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as parts,
            xlsxwriter.Workbook(path, {**options, "tmpdir": parts}) as file,
        ):
            # a fixed date: the same results give the same file
            file.set_properties({"created": datetime(2000, 1, 1)})
            header = file.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
            codes = {**FORMATS, "money": money.number_format(FORMATS["money"])}
            yield Book(
                file, header, {kind: file.add_format({"num_format": code}) for kind, code in codes.items()}
            )
    except FileCreateError as error:  # around the error of the operating system
        cause = error.args[0] if error.args else None
        raise (cause if isinstance(cause, OSError) else OSError(str(error))) from None


@contextmanager
def replacing_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path and rename it at the end, so that nobody reads an incomplete file.

    Only the user may read the file. An OSError without a file, as of a full disk, gets the name of `path`.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with naming(path), private_files():
            path.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_header(sheet: Worksheet, columns: Sequence[tuple[str, int]], header: Format) -> None:
    """Write the headings of columns, each with its width in characters, into a row that stays in sight."""
    sheet.freeze_panes(1, 0)
    for place, (label, width) in enumerate(columns):
        sheet.set_column(place, place, max(width, len(label) + 2))
        sheet.write_string(0, place, label, header)


def write_rows(
    sheet: Worksheet, rows: Iterable[Sequence[Any]], formats: Sequence[Format | None], first: int = 1
) -> None:
    """Write rows from row `first` on, counted from 0; a null leaves its cell empty."""
    writers = {
        str: sheet.write_string,
        int: sheet.write_number,
        float: sheet.write_number,
        Decimal: sheet.write_number,
        bool: sheet.write_boolean,
        date: sheet.write_datetime,
        datetime: sheet.write_datetime,
    }
    for number, row in enumerate(rows, start=first):
        for place, value in enumerate(row):
            if value is not None:
                writers[type(value)](number, place, value, formats[place])


def set_up_printing(sheet: Worksheet, title: str, *, repeated: bool = True) -> None:
    """Print a sheet on A4, landscape, as wide as the page, with numbered pages; the header on each page."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
    sheet.fit_to_pages(1, 0)
    if repeated:
        sheet.repeat_rows(0)
    shown = title.replace("&", "&&")
    sheet.set_footer(f"&L&8{shown}&C&8&A&R&8Page &P of &N")
