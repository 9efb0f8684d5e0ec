"""Tables for a terminal of any width; no cell is truncated.

If a table is too wide for one line per row, these steps follow in order: wrap headings and prose columns,
turn the group column into headings over the rows of each group, stack blocks of columns, each with the key
columns. Cells are plain text, never Rich markup.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

MARGIN = 2
GAP, NARROW_GAP = 3, 2
PROSE_WIDTH = 16  # smallest width of a wrapped prose column
WORD_WIDTH = 24  # words up to this length, such as a run's id, are not broken
NARROWEST = 20  # smallest width of a table

#: Layout of a column: figures and keys stay on one line, prose may be wrapped, a group may become a heading
#: over its rows. Keys are repeated in each block of a stacked table.
Role = Literal["key", "group", "text", "number", "prose"]

#: Rich breaks lines at no-break spaces too, so they are replaced by a character of the same width.
_NO_BREAK, _GLUE = "\N{NO-BREAK SPACE}", "\ue000"
_CONSOLE = Console()  # needed by Rich for wrapping; nothing is printed to it


@dataclass(frozen=True)
class _Column:
    heading: str
    role: Role


@dataclass(frozen=True)
class _Row:
    cells: tuple[str, ...]
    section: int
    style: str


@dataclass(frozen=True)
class _Block:
    """Columns beside one another: their positions and widths."""

    widths: dict[int, int]
    gap: int

    @property
    def width(self) -> int:
        """Total width."""
        return sum(self.widths.values()) + self.gap * (len(self.widths) - 1)


class TextTable:
    """A table that Rich prints with as many lines as the width requires."""

    def __init__(self, title: str = "", *, header: bool = True) -> None:
        """Create a table without columns and rows; `header` says whether it shows headings."""
        self.title = title
        self._header = header
        self._columns: list[_Column] = []
        self._rows: list[_Row] = []
        self._section = 0

    def add_column(self, heading: str, role: Role = "text") -> None:
        """Add a column; numbers are aligned on the right."""
        self._columns.append(_Column(heading, role))

    def add_row(self, *cells: str, style: str = "") -> None:
        """Add a row: one text for each column, shown without interpreting markup."""
        self._rows.append(_Row(tuple(cell.expandtabs() for cell in cells), self._section, style))

    def add_section(self) -> None:
        """Start a section: a blank line separates the next rows from those before."""
        self._section += 1

    @property
    def row_count(self) -> int:
        """The number of rows."""
        return len(self._rows)

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
        layout = _Layout(self._columns, self._rows, header=self._header)
        blocks, group = layout.blocks(width - MARGIN, group)
        if len(blocks) == 1 or not self._rows:
            for block in blocks:
                yield from self._heading(block)
        sections = groupby(self._rows, key=lambda row: row.section if group is None else row.cells[group])
        for number, (name, members) in enumerate(sections):
            if number:
                yield "", ""
            if group is not None:
                for line in lines_of(str(name), width - MARGIN):
                    yield " " * MARGIN + line, "bold"
            rows = list(members)
            for index, block in enumerate(blocks):
                if index:
                    yield "", ""
                if len(blocks) > 1:
                    yield from self._heading(block)
                for row in rows:
                    for line in self._row(row.cells, block):
                        yield line, row.style
        if self._header:
            yield "", ""

    def _heading(self, block: _Block) -> Iterator[tuple[str, str]]:
        if self._header:
            for line in self._row([column.heading for column in self._columns], block, at_bottom=True):
                yield line, "bold"
            yield " " * (MARGIN - 1) + "─" * (block.width + 2), ""

    def _row(self, cells: Sequence[str], block: _Block, *, at_bottom: bool = False) -> Iterator[str]:
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


class _Layout:
    """Finds the layout of columns: beside one another if they fit, else in blocks."""

    def __init__(self, columns: Sequence[_Column], rows: Sequence[_Row], *, header: bool) -> None:
        """Measure each column: its natural width, and the smallest that breaks no figure."""
        self._columns = columns
        self._natural: list[int] = []
        self._least: list[int] = []
        for place, column in enumerate(columns):
            texts = [row.cells[place] for row in rows]
            cells = max((cell_len(line) for text in texts for line in text.splitlines()), default=1)
            least = cells
            if column.role == "prose":
                words = [cell_len(word) for text in texts for word in text.replace(_NO_BREAK, _GLUE).split()]
                least = min(cells, max([PROSE_WIDTH, *(word for word in words if word <= WORD_WIDTH)]))
            heading = column.heading if header else ""
            self._natural.append(max(cells, cell_len(heading)))
            self._least.append(max(least, *map(cell_len, heading.split()), 1))

    def blocks(self, width: int, group: int | None) -> tuple[list[_Block], int | None]:
        """Return the blocks of columns, and the group column if it becomes headings."""
        everything = list(range(len(self._columns)))
        others = [place for place in everything if place != group]
        for wraps in (False, True):
            for gap in (GAP, NARROW_GAP):
                for places in (everything, others):
                    block = self._beside(places, width, gap, wraps=wraps)
                    if block:
                        return [block], None if places is everything else group
        return self._stacked(others, width), group

    def _stacked(self, places: Sequence[int], width: int) -> list[_Block]:
        """Return as few blocks of columns as possible, with about equal numbers of columns.

        Each begins with the key columns, or with the first column if there is no key.
        """
        keys = [place for place in places if self._columns[place].role == "key"] or list(places[:1])
        rest = [place for place in places if place not in keys]
        blocks: list[list[int]] = [[]]
        for place in rest:
            if blocks[-1] and not self._fit([*keys, *blocks[-1], place], width):
                blocks.append([])
            blocks[-1].append(place)
        starts = [round(len(rest) * number / len(blocks)) for number in range(len(blocks) + 1)]
        even = [rest[start:end] for start, end in pairwise(starts)]
        if all(self._fit([*keys, *block], width) for block in even):
            blocks = even
        return [self._squeezed([*keys, *block], width) for block in blocks]

    def _fit(self, places: Sequence[int], width: int) -> bool:
        return self._beside(places, width, NARROW_GAP, wraps=True) is not None

    def _squeezed(self, places: Sequence[int], width: int) -> _Block:
        """Return the columns within the width; if they do not fit, the widest are folded."""
        for gap in (GAP, NARROW_GAP):
            block = self._beside(places, width, gap, wraps=True)
            if block:
                return block
        widths = {place: self._least[place] for place in places}
        while sum(widths.values()) > width - NARROW_GAP * (len(places) - 1):
            widths[max(widths, key=widths.__getitem__)] -= 1
        return _Block(widths, NARROW_GAP)

    def _beside(self, places: Sequence[int], width: int, gap: int, *, wraps: bool) -> _Block | None:
        """Return the columns beside one another if they fit, with headings and prose wrapped if `wraps`."""
        room = width - gap * (len(places) - 1)
        widths = {place: self._natural[place] for place in places}
        if sum(widths.values()) <= room:
            return _Block(widths, gap)
        widths = {place: self._least[place] for place in places}
        if not wraps or sum(widths.values()) > room:
            return None
        for _ in range(room - sum(widths.values())):  # the rest goes to the columns that lack most
            widths[max(places, key=lambda place: self._natural[place] - widths[place])] += 1
        return _Block(widths, gap)


def lines_of(text: str, width: int) -> list[str]:
    """Return lines of at most the width, broken between words if possible."""
    if cell_len(text) <= width and "\n" not in text:
        return [text]
    lines = Text(text.replace(_NO_BREAK, _GLUE)).wrap(_CONSOLE, width, overflow="fold")
    return [line.plain.rstrip().replace(_GLUE, _NO_BREAK) for line in lines]
