"""Tables for a terminal of any width, and for other programs; no cell is truncated.

If a table is too wide for one line per row, these steps follow in order: wrap headings and prose columns,
turn the group column into headings over the rows of each group, wrap keys, stack blocks of columns, each with
the key columns and the heading of its group. Cells are plain text, never Rich markup. Beside its cells a row
has typed values, which `workforce … --json` and `--csv` print.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.segment import Segment
from rich.style import Style

from tasks.text.layout import WORD_WIDTH, Block, Column, Layout, Role, lines_of

__all__ = ["WORD_WIDTH", "Record", "Role", "TextTable", "lines_of"]

MARGIN = 2
NARROWEST = 20  # smallest width of a table

#: Typed values by snake_case key: numbers as they are, without rounding; dates; None for what is missing.
Record = Mapping[str, Any]


@dataclass(frozen=True)
class _Row:
    cells: tuple[str, ...]
    section: int
    style: str


class TextTable:
    """A table that Rich prints with as many lines as the width requires."""

    def __init__(
        self, title: str = "", *, name: str = "rows", fields: Sequence[str] = (), header: bool = True
    ) -> None:
        """Create a table without columns and rows.

        `name` and `fields` are for other programs: what the table is called where a command prints several,
        and the keys of its records, which are those of the first record if they are not given. `header` says
        whether the headings are shown.
        """
        self.title = title
        self.name = name
        self.fields = tuple(fields)
        self.values: list[Record] = []
        self._header = header
        self._columns: list[Column] = []
        self._rows: list[_Row] = []
        self._section = 0

    def add_column(self, heading: str, role: Role = "text") -> None:
        """Add a column; numbers are aligned on the right."""
        self._columns.append(Column(heading, role))

    def add_row(self, *cells: str, values: Record | None = None, style: str = "") -> None:
        """Add a row: one text for each column, shown without interpreting markup; and what it shows, typed.

        `values` is the row's record; rows that show several records, or a part of one, use `add_values`.
        """
        shown = tuple(" ".join(cell.expandtabs().splitlines()) for cell in cells)
        self._rows.append(_Row(shown, self._section, style))
        if values is not None:
            self.add_values(values)

    def add_values(self, *records: Record) -> None:
        """Add records for other programs. Raises ValueError if their keys are not those of the table."""
        for record in records:
            self.fields = self.fields or tuple(record)
            if {*record} != {*self.fields}:
                raise ValueError(f"table {self.name}: {[*record]} are not its fields {[*self.fields]}")
            self.values.append({field: record[field] for field in self.fields})

    def add_section(self) -> None:
        """Start a section: a blank line separates the next rows from those before."""
        self._section += 1

    @property
    def row_count(self) -> int:
        """The number of rows."""
        return len(self._rows)

    @property
    def cells(self) -> list[tuple[str, ...]]:
        """The cells of the rows, as texts."""
        return [row.cells for row in self._rows]

    @property
    def roles(self) -> list[Role]:
        """The role of each column."""
        return [column.role for column in self._columns]

    @property
    def records(self) -> list[dict[str, str]]:
        """The rows as heading → cell."""
        headings = [column.heading for column in self._columns]
        return [dict(zip(headings, row.cells, strict=True)) for row in self._rows]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        """Yield the table's segments, by Rich's protocol."""
        for line, style in self._lines(max(options.max_width, NARROWEST)):
            yield Segment(line.rstrip(), console.get_style(style) if style else Style.null())
            yield Segment.line()

    def _lines(self, width: int) -> Iterator[tuple[str, str]]:
        """Yield the lines of the table, each with its style."""
        for line in lines_of(self.title, width) if self.title else ():
            yield line, "bold"
        if self._header:
            yield "", ""
        group = next((place for place, column in enumerate(self._columns) if column.role == "group"), None)
        layout = Layout(self._columns, self.cells, header=self._header)
        blocks, group = layout.blocks(width - MARGIN, group)
        if len(blocks) == 1 or not self._rows:
            for block in blocks:
                yield from self._heading(block)
        sections = groupby(self._rows, key=lambda row: row.section if group is None else row.cells[group])
        for number, (name, members) in enumerate(sections):
            if number:
                yield "", ""
            rows = list(members)
            for index, block in enumerate(blocks):
                if index:
                    yield "", ""
                if group is not None:
                    for line in lines_of(str(name), width - MARGIN):
                        yield " " * MARGIN + line, "bold"
                if len(blocks) > 1:
                    yield from self._heading(block)
                for row in rows:
                    for line in self._row(row.cells, block):
                        yield line, row.style
        if self._header:
            yield "", ""

    def _heading(self, block: Block) -> Iterator[tuple[str, str]]:
        if self._header:
            for line in self._row([column.heading for column in self._columns], block, at_bottom=True):
                yield line, "bold"
            yield " " * (MARGIN - 1) + "─" * (block.width + 2), ""

    def _row(self, cells: Sequence[str], block: Block, *, at_bottom: bool = False) -> Iterator[str]:
        """Yield the lines of a row; cells with fewer lines are aligned at the top, or at the bottom."""
        wrapped = {place: lines_of(cells[place], width) for place, width in block.widths.items()}
        height = max(len(lines) for lines in wrapped.values())
        for number in range(height):
            parts = []
            for place, width in block.widths.items():
                lines = wrapped[place]
                at = number - (height - len(lines)) if at_bottom else number
                text = lines[at] if 0 <= at < len(lines) else ""
                space = " " * (width - cell_len(text))
                parts.append(space + text if self._columns[place].role == "number" else text + space)
            yield " " * MARGIN + (" " * block.gap).join(parts)
