"""The layout of a table's columns on a width: beside one another if they fit, else in blocks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from rich.cells import cell_len, chop_cells

GAP, NARROW_GAP = 3, 2
PROSE_WIDTH = 16  # smallest width of wrapped prose, and of a wrapped key that is longer
WORD_WIDTH = 24  # words up to this length, such as a run's id, are not broken

#: Layout of a column: figures and keys stay on one line, prose may be wrapped, a group may become a heading
#: over its rows. Keys are repeated in each block of a stacked table; they are wrapped if that saves a block.
Role = Literal["key", "group", "text", "number", "prose"]
#: What may be wrapped to save width: nothing; headings and prose; keys too.
Wraps = Literal["nothing", "prose", "keys"]

#: Where a word that is wider than its column is broken, if possible.
_BREAKS = re.compile(r"(?<=[_./,:=-])")


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    heading: str
    role: Role


@dataclass(frozen=True)
class Block:
    """Columns beside one another: their positions and widths."""

    widths: dict[int, int]
    gap: int

    @property
    def width(self) -> int:
        """Total width."""
        return sum(self.widths.values()) + self.gap * (len(self.widths) - 1)


class Layout:
    """Finds the layout of columns."""

    def __init__(self, columns: Sequence[Column], rows: Sequence[Sequence[str]], *, header: bool) -> None:
        """Measure each column: its natural width, and the smallest for each kind of wrapping."""
        self._columns = columns
        self._natural: list[int] = []
        self._least: dict[Wraps, list[int]] = {"prose": [], "keys": []}
        for place, column in enumerate(columns):
            texts = [row[place] for row in rows]
            cells = max(map(cell_len, texts), default=1)
            heading = column.heading if header else ""
            words = max((1, *map(cell_len, heading.split())))
            self._natural.append(max(cells, cell_len(heading)))
            prose = min(cells, max(PROSE_WIDTH, _widest_word(texts))) if column.role == "prose" else cells
            self._least["prose"].append(max(prose, words))
            if column.role == "key":
                prose = _widest_word(texts)
                prose = min(cells, max(PROSE_WIDTH, prose)) if cells > PROSE_WIDTH else prose
            self._least["keys"].append(max(prose, words))

    def blocks(self, width: int, group: int | None) -> tuple[list[Block], int | None]:
        """Return the blocks of columns, and the group column if it becomes headings."""
        everything = list(range(len(self._columns)))
        others = [place for place in everything if place != group]
        wrapping: tuple[Wraps, ...] = ("nothing", "prose", "keys")
        for wraps in wrapping:
            for gap in (GAP, NARROW_GAP):
                for places in (everything, others):
                    block = self._beside(places, width, gap, wraps)
                    if block:
                        return [block], None if places is everything else group
        return self._stacked(others, width), group

    def _stacked(self, places: Sequence[int], width: int) -> list[Block]:
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
        return self._beside(places, width, NARROW_GAP, "keys") is not None

    def _squeezed(self, places: Sequence[int], width: int) -> Block:
        """Return the columns within the width; if they do not fit, the widest are folded."""
        wrapping: tuple[Wraps, ...] = ("prose", "keys")
        for wraps in wrapping:
            for gap in (GAP, NARROW_GAP):
                block = self._beside(places, width, gap, wraps)
                if block:
                    return block
        widths = {place: self._least["keys"][place] for place in places}
        while sum(widths.values()) > width - NARROW_GAP * (len(places) - 1):
            widths[max(widths, key=widths.__getitem__)] -= 1
        return Block(widths, NARROW_GAP)

    def _beside(self, places: Sequence[int], width: int, gap: int, wraps: Wraps) -> Block | None:
        """Return the columns beside one another if they fit."""
        room = width - gap * (len(places) - 1)
        widths = {place: self._natural[place] for place in places}
        if sum(widths.values()) <= room:
            return Block(widths, gap)
        if wraps == "nothing":
            return None
        widths = {place: self._least[wraps][place] for place in places}
        if sum(widths.values()) > room:
            return None
        for _ in range(room - sum(widths.values())):  # the rest goes to the columns that lack most
            widths[max(places, key=lambda place: self._natural[place] - widths[place])] += 1
        return Block(widths, gap)


def _widest_word(texts: Sequence[str]) -> int:
    """Return the width of the widest word; longer words count by their parts."""
    words = {word for text in texts for word in _split(text)}
    parts = {
        part
        for word in words
        for part in ([word] if cell_len(word) <= WORD_WIDTH else _BREAKS.split(word))
        if cell_len(part) <= WORD_WIDTH
    }
    return max((cell_len(part) for part in parts), default=1)


def lines_of(text: str, width: int) -> list[str]:
    """Return lines of at most the width, broken between words if possible, not at no-break spaces.

    A word that is wider begins a line, and is broken after punctuation if possible: growth_of_/the_company.
    """
    if cell_len(text) <= width and "\n" not in text:
        return [text]
    lines = []
    for whole in text.split("\n"):
        line = ""
        for word in _split(whole):
            first, *more = _parts(word, width)
            if line and (more or cell_len(line) + 1 + cell_len(first) > width):
                lines.append(line)
                line = ""
            line = f"{line} {first}" if line else first
            for part in more:
                if cell_len(line) + cell_len(part) > width:
                    lines.append(line)
                    line = ""
                line += part
        lines.append(line)
    return lines


def _split(text: str) -> list[str]:
    """Return the words of a text; a no-break space is part of a word."""
    return [word for word in re.split(r"[ \t\n]+", text) if word]


def _parts(word: str, width: int) -> list[str]:
    """Return a word as parts of at most the width: after punctuation if it is too wide, else anywhere."""
    if cell_len(word) <= width:
        return [word]
    return [
        part
        for piece in _BREAKS.split(word)
        for part in ([piece] if cell_len(piece) <= width else chop_cells(piece, width))
    ]
