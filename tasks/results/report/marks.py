"""What every chart is made of: marks with tooltips in words, and axes that scenarios share.

A row of a chart has two kinds of fields. Those that begin with a capital are for people: texts with their
units, which the mark's tooltip and its description for screen readers show by their names. The others place
the mark, and nobody sees them. A mark that stands for several rows, as a line does, has no tooltip: points on
it have.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from tasks.text.money import AXIS_LABEL, MILLION, PLAIN, Money

Spec = dict[str, Any]
#: Rows of a table, or of a chart.
Rows = Sequence[Mapping[str, Any]]

WIDTH = 820
PANEL = WIDTH // 2 - 80  # of two beside each other, without axis and gap
# Styles of marks that follow the colour of the page, which whoever draws the chart knows.
INK, SEGMENT, TOTAL = "ink", "segment", "total"
POINT_SIZE = 70  # enough for a mouse to meet
#: The field with a row's description; see `in_words`.
WORDS = "words"

# labels stand below their marks, the first and the last too
YEARS: Spec = {
    "field": "Year",
    "type": "ordinal",
    "title": None,
    "axis": {"labelAngle": 0, "labelFlush": False},
}


@dataclass(frozen=True)
class Measure:
    """What an axis shows: its name, how values are written there and in words, and the unit as a plural."""

    name: str
    kind: Literal["count", "money", "pay", "share", "points", "seconds"]
    unit: str = ""
    money: Money = PLAIN

    @property
    def title(self) -> str:
        """The title of the axis or panel: its name, and the unit of amounts."""
        match self.kind:
            case "money":
                return f"{self.name} ({self.money.unit})"
            case "pay":
                return self.money.headed(self.name)
        return self.name

    def of(self, money: Money) -> "Measure":
        """The measure, its amounts in this currency."""
        return replace(self, money=money)

    def text(self, value: float, *, sign: str = "") -> str:
        """A value with its unit; sign "+" shows both signs."""
        value = float(value)
        match self.kind:
            case "money":
                if abs(value) >= MILLION / 10:  # as the axis has it, where two decimals are enough for that
                    return self.money.millions(value, digits=2, sign=sign)
                return self.money.without_cents(value, sign=sign)
            case "pay":
                return self.money.without_cents(value, sign=sign)
            case "share":
                return f"{value:{sign}.1%}"
            case "points":
                return f"{value:{sign},.2f} percentage points"
            case "seconds":
                return f"{value:{sign},.1f} s"
        digits = 0 if round(value, 6).is_integer() else 1
        number = f"{value:{sign},.{digits}f}"
        unit = self.unit.removesuffix("s") if number.lstrip("+-") == "1" else self.unit
        return f"{number} {unit}".rstrip()

    @property
    def axis(self) -> Spec:
        """How the axis labels values."""
        match self.kind:
            case "money":
                return {"labelExpr": AXIS_LABEL}
            case "share":
                return {"format": "~%"}
            case "count" | "pay":
                return {"format": ",d", "tickMinStep": 1}
        return {"format": ",~r"}

    def along(
        self, field: str, reach: Iterable[float], *, from_zero: bool, titled: bool = True, **axis: Any
    ) -> Spec:
        """The encoding of a field by an axis that holds all of `reach`, the values of every scenario drawn.

        Bars begin at zero, and so must their axis; for lines and points it may begin where they do.
        """
        return {
            "field": field,
            "type": "quantitative",
            "title": self.title if titled else None,
            "axis": {**self.axis, **axis},
            "scale": _scale([float(value) for value in reach], from_zero=from_zero),
        }


EMPLOYEES = Measure("Employees", "count", "employees")
PROMOTED = Measure("Promotions in the year", "count", "promotions")


def chart(rows: Rows, *, height: int = 240, width: int = WIDTH, **parts: Any) -> Spec:
    """A chart over rows, each with its description."""
    return {"data": {"values": [in_words(row) for row in rows]}, "width": width, "height": height, **parts}


def panels(charts: Sequence[Spec], *, columns: int = 2) -> Spec:
    """Several charts in one picture."""
    return {"concat": list(charts), "columns": columns, "spacing": 24}


def mark(kind: str, shown: Sequence[str], encoding: Spec, **options: Any) -> Spec:
    """A mark whose tooltip and description show the fields `shown` of its row."""
    return {
        "mark": {"type": kind, **options},
        "encoding": {
            **encoding,
            "tooltip": [{"field": name, "type": "nominal", "title": name} for name in shown],
            "description": {"field": WORDS, "type": "nominal"},
        },
    }


def silent(kind: str, encoding: Spec, **options: Any) -> Spec:
    """A mark without tooltip and description: it stands for several rows, or beside a mark that has them."""
    return {"mark": {"type": kind, "tooltip": None, "aria": False, **options}, "encoding": encoding}


def line(shown: Sequence[str], encoding: Spec, *, point_opacity: float = 1) -> list[Spec]:
    """A line, and points on it whose tooltips show the fields `shown`."""
    points = {name: channel for name, channel in encoding.items() if name != "strokeDash"}
    return [
        silent("line", encoding, strokeWidth=2),
        mark("point", shown, points, filled=True, size=POINT_SIZE, opacity=point_opacity),
    ]


def years(everything: Rows) -> Spec:
    """The axis of the years of every scenario drawn, whether or not something happened in each."""
    return {**YEARS, "scale": {"domain": sorted({row["simulation_year"] for row in everything})}}


def by_line(field: str, names: Sequence[str]) -> Spec:
    """Colours and dashes of names, in one legend."""
    looks = {**by_category(field, names), "legend": {"symbolType": "stroke", "symbolStrokeWidth": 2}}
    return {"color": looks, "strokeDash": looks}


def panel(rows: Rows, title: str, **parts: Any) -> Spec:
    """A chart that stands beside others, with a title of its own above it rather than along its axis."""
    return chart(rows, **{"width": PANEL, "title": {"text": title, "fontSize": 12}, **parts})


def by_category(field: str, names: Sequence[str], present: Sequence[str] | None = None) -> Spec:
    """Colours of names that are the same in every chart; the legend has those that are present."""
    return {
        "field": field,
        "type": "nominal",
        "sort": list(names),
        "scale": {"domain": list(names)},
        **({} if present is None else {"legend": {"values": list(present)}}),
    }


def in_words(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with its description."""
    words = ", ".join(f"{name}: {value}" for name, value in row.items() if name[:1].isupper())
    return {**row, WORDS: words}


def stacks(rows: Rows, value: str, *by: str) -> list[float]:
    """The heights of stacked bars: sums of a field by others."""
    sums: dict[tuple[Any, ...], float] = {}
    for row in rows:
        key = tuple(row[name] for name in by)
        sums[key] = sums.get(key, 0.0) + float(row[value] or 0)
    return list(sums.values())


def where(rows: Rows, key: str, value: Any) -> Rows:
    """Return the rows that have a value."""
    return [row for row in rows if row[key] == value]


def scenarios_of(rows: Rows) -> list[str]:
    """Return the scenarios of a table's rows in their order."""
    return list(dict.fromkeys(row["scenario_id"] for row in rows))


def _scale(reach: Sequence[float], *, from_zero: bool) -> Spec:
    low, high = min(reach, default=0.0), max(reach, default=0.0)
    if from_zero:
        low, high = min(0.0, low), max(0.0, high)
    if low == high:
        low, high = (low, high + 1) if from_zero else (low - 1, high + 1)
    return {"domain": [low, high], "nice": True, "zero": from_zero}
