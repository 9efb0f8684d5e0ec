"""Parts of charts: marks with tooltips, and axes that scenarios share.

A row of a chart has two kinds of fields. Names with a capital are text with units, shown in the mark's
tooltip and in its description for screen readers. Names without a capital place the mark and are not shown. A
mark for several rows, such as a line, has no tooltip; the points on it have one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from tasks.text.money import AXIS_LABEL, MILLION, PLAIN, Money
from tasks.text.numbers import written

Spec = dict[str, Any]
#: Rows of a table, or of a chart.
Rows = Sequence[Mapping[str, Any]]

WIDTH = 820
PANEL = WIDTH // 2 - 80  # width of one of two panels side by side, without axis and gap
# Names of styles whose colours depend on the page; the caller's configuration defines them.
INK, SEGMENT, TOTAL = "ink", "segment", "total"
POINT_SIZE = 70  # large enough to point at
#: The field with a row's description; see `with_description`.
DESCRIPTION = "words"

# labels are centred below their marks, also the first and the last
YEARS: Spec = {
    "field": "Year",
    "type": "ordinal",
    "title": None,
    "axis": {"labelAngle": 0, "labelFlush": False},
}


@dataclass(frozen=True)
class Measure:
    """What an axis shows: its name, the format of its values, and its unit in the plural."""

    name: str
    kind: Literal["count", "money", "pay", "share", "points", "seconds"]
    unit: str = ""
    money: Money = PLAIN

    @property
    def title(self) -> str:
        """The title of the axis or panel: the name, with the unit of amounts."""
        match self.kind:
            case "money":
                return f"{self.name} ({self.money.unit})"
            case "pay":
                return self.money.headed(self.name)
        return self.name

    def of(self, money: Money) -> "Measure":
        """Return the measure with amounts in this currency."""
        return replace(self, money=money)

    def text(self, value: float, *, sign: str = "") -> str:
        """Return a value with its unit; sign "+" also shows a plus sign."""
        value = float(value)
        match self.kind:
            case "money":
                if abs(value) >= MILLION / 10:  # in millions like the axis, if two decimals are enough
                    return self.money.millions(value, digits=2, sign=sign)
                return self.money.without_cents(value, sign=sign)
            case "pay":
                return self.money.without_cents(value, sign=sign)
            case "share":
                return written(value, f"{sign}.1%")
            case "points":
                return f"{written(value, f'{sign},.2f')} percentage points"
            case "seconds":
                return f"{written(value, f'{sign},.1f')} s"
        digits = 0 if round(value, 6).is_integer() else 1
        number = written(value, f"{sign},.{digits}f")
        unit = self.unit.removesuffix("s") if number.lstrip("+-") == "1" else self.unit
        return f"{number} {unit}".rstrip()

    @property
    def axis(self) -> Spec:
        """The format of the axis's labels."""
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
        """Return the encoding of a field along an axis that covers `reach`: values of all scenarios drawn.

        The axis of bars must include zero; that of lines and points need not.
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
    """Return a chart of rows, each with its description."""
    return {
        "data": {"values": [with_description(row) for row in rows]},
        "width": width,
        "height": height,
        **parts,
    }


def panels(charts: Sequence[Spec], *, columns: int = 2) -> Spec:
    """Return several charts as one picture."""
    return {"concat": list(charts), "columns": columns, "spacing": 24}


def mark(kind: str, shown: Sequence[str], encoding: Spec, **options: Any) -> Spec:
    """Return a mark whose tooltip and description show the fields `shown` of its row."""
    return {
        "mark": {"type": kind, **options},
        "encoding": {
            **encoding,
            "tooltip": [{"field": name, "type": "nominal", "title": name} for name in shown],
            "description": {"field": DESCRIPTION, "type": "nominal"},
        },
    }


def silent(kind: str, encoding: Spec, **options: Any) -> Spec:
    """Return a mark without tooltip and description: for several rows, or beside a mark that has them."""
    return {"mark": {"type": kind, "tooltip": None, "aria": False, **options}, "encoding": encoding}


def line(shown: Sequence[str], encoding: Spec, *, point_opacity: float = 1) -> list[Spec]:
    """Return a line, and points on it whose tooltips show the fields `shown`."""
    points = {name: channel for name, channel in encoding.items() if name not in ("strokeDash", "opacity")}
    return [
        silent("line", encoding, strokeWidth=2),
        mark("point", shown, points, filled=True, size=POINT_SIZE, opacity=point_opacity),
    ]


def years(everything: Rows) -> Spec:
    """Return an axis with every year of all drawn scenarios, including years without values."""
    return {**YEARS, "scale": {"domain": sorted({row["simulation_year"] for row in everything})}}


def by_line(field: str, names: Sequence[str], present: Sequence[str] | None = None) -> Spec:
    """Return colours and dashes by name, in one legend; it has the names in `present`, or all."""
    legend = {
        "symbolType": "stroke",
        "symbolStrokeWidth": 2,
        **({} if present is None else {"values": [*present]}),
    }
    looks = {**by_category(field, names), "legend": legend}
    return {"color": looks, "strokeDash": looks}


def panel(rows: Rows, title: str, **parts: Any) -> Spec:
    """Return a chart to be placed beside others, with its title above instead of along the axis."""
    return chart(rows, **{"width": PANEL, "title": {"text": title, "fontSize": 12}, **parts})


def by_category(field: str, names: Sequence[str], present: Sequence[str] | None = None) -> Spec:
    """Return colours by name, the same in every chart; the legend has the names in `present`, or all."""
    return {
        "field": field,
        "type": "nominal",
        "sort": list(names),
        "scale": {"domain": list(names)},
        **({} if present is None else {"legend": {"values": list(present)}}),
    }


def beside(field: str, names: Sequence[str]) -> Spec:
    """Return the places of bars beside each other, a bar for each of the names in this field."""
    return {"field": field, "sort": list(names), "scale": {"domain": list(names)}}


def with_description(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row with its description."""
    words = ", ".join(f"{name}: {value}" for name, value in row.items() if name[:1].isupper())
    return {**row, DESCRIPTION: words}


def stacks(rows: Rows, value: str, *by: str) -> list[float]:
    """Return the heights of stacked bars: sums of field `value` by the fields `by`."""
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
