"""An HTML page of sections with charts and tables: without scripts or network, and fit to be printed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tasks.results.report.table import Kind, Table
from tasks.text.money import PLAIN
from tasks.text.numbers import written

# The page shows longer tables as a chart only, with a reference to the file that has them.
LONGEST_TABLE = 400
# Larger numbers are amounts, which are shown without decimals.
ROUNDED_FROM = 100_000
# A mark that Vega drew with a description, as an element without content.
_DESCRIBED = re.compile(r'<(path|line|circle|rect|text)( aria-label="([^"]*)" role="graphics-symbol"[^>]*)/>')


@dataclass(frozen=True)
class Section:
    """A section of a page: a table, and its charts as SVG with captions.

    `remark` are sentences on what the charts leave out. A `folded` table is shown when the reader opens it,
    and in print.
    """

    table: Table
    charts: tuple[tuple[str, str], ...] = ()
    remark: str = ""
    folded: bool = False

    @property
    def shows_rows(self) -> bool:
        """Whether the table is short enough to be shown on the page."""
        return len(self.table.rows) <= LONGEST_TABLE


class Tiles(NamedTuple):
    """Key figures below the heading: label and value of each. The name is empty if there is one group."""

    name: str
    figures: Sequence[tuple[str, str]]


def render(
    sections: Sequence[Section],
    *,
    title: str,
    heading: str,
    introduction: str,
    tiles: Sequence[Tiles],
    longer_tables: str,
    summary: Sequence[tuple[str, str]] = (),
) -> str:
    """Return the text of a page; `longer_tables` names the file with tables too long for it.

    `summary` are sentences at the top, each with its topic.
    """
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            sections=sections,
            title=title,
            heading=heading,
            introduction=introduction,
            tiles=tiles,
            longer_tables=longer_tables,
            summary=summary,
            shown=shown,
            drawn=lambda svg: Markup(with_titles(svg)),
        )
    )


def with_titles(svg: str) -> str:
    """Return a chart in which browsers show the description of the mark under the pointer.

    >>> with_titles('<path aria-label="Age: 40" role="graphics-symbol" d="M0"/>')
    '<path aria-label="Age: 40" role="graphics-symbol" d="M0"><title>Age: 40</title></path>'
    """
    return _DESCRIBED.sub(r"<\1\2><title>\3</title></\1>", svg)


def shown(value: Any, kind: Kind) -> str:
    """Return a value as text in the format of its column's kind; None as a dash."""
    if value is None:
        return "–"
    match kind:
        case "count" | "figure" | "number":
            value = round(float(value), 6)  # a mean of whole numbers may differ in its last digit
            is_whole = value.is_integer() or (kind != "count" and abs(value) >= ROUNDED_FROM)
            return written(value, f",.{0 if is_whole else 2 if kind == 'number' else 1}f")
        case "money":
            return PLAIN.without_cents(value)
        case "share":
            return written(value, ".1%")
        case "change":
            return written(value, "+.1%")
        case "month":
            return f"{value:%Y-%m}"
        case "ratio":
            return written(value, ",.2f")
    return str(value)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
