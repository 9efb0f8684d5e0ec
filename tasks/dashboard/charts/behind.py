"""Charts of what a figure is made of: its items beside those of another scenario or run."""

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.dashboard.key_figures import KeyFigure
from tasks.results.report.marks import Rows, Spec, by_category, chart, mark
from tasks.text.money import Money

#: Height in pixels of an item's bars.
_BAR = 16


def parts(rows: Rows, figure: KeyFigure, money: Money, *, by: str, sides: Sequence[str]) -> Spec:
    """Return bars from zero of a figure by item, a bar for each of `sides`; hidden values are left out.

    Rows have `item`, `side` and the value under `value`.
    """
    measure = figure.measure(money)
    values = [
        {
            by: row["item"],
            "Side": row["side"],
            figure.title: measure.text(row["value"]),
            "value": row["value"],
        }
        for row in rows
        if row["value"] is not None
    ]
    items = list(dict.fromkeys(row["item"] for row in rows))
    several = len(sides) > 1
    place: dict[str, Any] = {
        "y": {
            "field": by,
            "type": "nominal",
            "sort": items,
            "scale": {"domain": items},
            "title": None,
            "axis": {"labelLimit": 140, "labelOverlap": False},
        },
        "x": measure.along("value", [row["value"] for row in values], from_zero=True, tickCount=4),
        **(
            {
                "yOffset": {"field": "Side", "sort": list(sides), "scale": {"domain": list(sides)}},
                "color": by_category("Side", sides),
            }
            if several
            else {}
        ),
    }
    shown = (by, *(["Side"] if several else []), figure.title)
    height = int(_BAR * len(items) * (len(sides) + 0.5))
    return chart(values, height=height, layer=[mark("bar", shown, place)])


def side_rows(of: Mapping[str, Rows], figure: KeyFigure) -> list[dict[str, Any]]:
    """Return rows with item, side and value, from the rows of each side by its name.

    An item that a side lacks has 0 there; a mean of nobody is left out.
    """
    absent = 0.0 if figure.adds_up else None
    items = list(dict.fromkeys(row["item"] for rows in of.values() for row in rows))
    by_item = {side: {row["item"]: row[figure.key] for row in rows} for side, rows in of.items()}
    return [
        {"item": item, "side": side, "value": by_item[side].get(item, absent)}
        for item in items
        for side in of
    ]
