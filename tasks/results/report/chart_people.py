"""Charts of the workforce: turnover, levels, promotions, cohorts, dimensions, segments, known actions."""

from collections.abc import Mapping, Sequence
from typing import Any

from settings.models.workforce import band_start
from tasks.results.report.marks import (
    EMPLOYEES,
    PROMOTED,
    SEGMENT,
    WIDTH,
    Measure,
    Rows,
    Spec,
    by_category,
    by_line,
    chart,
    line,
    mark,
    panel,
    panels,
    stacks,
    where,
    years,
)
from tasks.text.events import OUTCOMES
from tasks.text.terms import EXPERIENCED

# Charts show this many values of a dimension, the largest.
CHARTED_VALUES = 30
LEAVING = Measure(EXPERIENCED, "share")
ACTED = Measure("Known actions", "count", "actions")
RETAINED = Measure("Share still employed", "share")


def causes(rows: Rows, everything: Rows) -> Spec:
    """Return stacked bars of the leavers of each cause by year."""
    names = list(dict.fromkeys(row["cause"] for row in everything))
    return chart(
        [
            {
                "Year": row["simulation_year"],
                "Cause": row["cause"],
                "Leavers": EMPLOYEES.text(row["leavers"]),
                "leavers": row["leavers"],
                "order": names.index(row["cause"]),
            }
            for row in rows
        ],
        **mark(
            "bar",
            ("Year", "Cause", "Leavers"),
            {
                "x": years(everything),
                "y": Measure("Leavers in the year", "count").along(
                    "leavers", stacks(everything, "leavers", "scenario_id", "simulation_year"), from_zero=True
                ),
                "color": by_category("Cause", names),
                "order": {"field": "order", "type": "quantitative"},
            },
            style=SEGMENT,
        ),
    )


def turnover(rows: Rows, everything: Rows, first_day: str) -> Spec:
    """Return bars of observed turnover beside that by hazard, by each attribute of employees.

    `first_day` is the day of the attributes, such as 1 January.
    """
    shown = [row for row in everything if row["attribute"] != "total"]
    # axes have the values of all scenarios: one without hires may lack the youngest band
    values: dict[str, list[str]] = {}
    for attribute in dict.fromkeys(row["attribute"] for row in shown):
        found = {row["value"]: row["exposed"] for row in shown if row["attribute"] == attribute}
        if attribute in ("age", "tenure"):
            values[attribute] = sorted(found, key=band_start)
        else:
            largest = sorted(found, key=lambda value: -found[value])[:CHARTED_VALUES]
            values[attribute] = sorted(largest, key=lambda value: (len(value), value))
            if attribute != "level":
                values[attribute] = sorted(largest)
    reach = [row[kind] for row in shown for kind in _TURNOVERS]
    drawn = panels(
        [
            _turnover_by(attribute, values[attribute], where(rows, "attribute", attribute), reach, first_day)
            for attribute in values
        ]
    )
    # bars are as wide as the number of values allows, in each panel
    return {**drawn, "resolve": {"scale": {"xOffset": "independent"}}}


_TURNOVERS = {"observed": "Observed", "by_hazard": "By hazard"}


def _turnover_by(
    attribute: str, values: Sequence[str], rows: Rows, reach: Sequence[float], first_day: str
) -> Spec:
    is_band = attribute in ("age", "tenure")
    is_short = all(len(value) <= 6 for value in values)
    return panel(
        [
            {
                "Value": row["value"],
                "Rate": name,
                EXPERIENCED: f"{LEAVING.text(row[kind])} of the opening headcount",
                "rate": row[kind],
            }
            for row in rows
            if row["value"] in values
            for kind, name in _TURNOVERS.items()
        ],
        f"{EXPERIENCED} by {attribute}",
        **mark(
            "bar",
            ("Value", "Rate", EXPERIENCED),
            {
                "x": {
                    "field": "Value",
                    "type": "ordinal",
                    "sort": values,
                    "scale": {"domain": values},
                    "title": f"{attribute.capitalize()} on {first_day}"
                    f"{', completed years' if is_band else ''}",
                    "axis": {"labelAngle": 0 if is_short else -40, "labelLimit": 90},
                },
                "xOffset": {"field": "Rate", "sort": list(_TURNOVERS.values())},
                "y": LEAVING.along("rate", reach, from_zero=True, titled=False),
                "color": by_category("Rate", list(_TURNOVERS.values())),
            },
        ),
    )


def levels(rows: Rows, everything: Rows, last_day: str) -> Spec:
    """Return stacked bars of the employees at each level on the last day of each year."""
    names = {row["level"]: f"{row['level']} {row['level_name']}" for row in everything}
    ordered = [names[level] for level in sorted(names)]
    return chart(
        [
            {
                "Year": row["simulation_year"],
                "Level": names[row["level"]],
                "Employees": EMPLOYEES.text(row["closing"]),
                "employees": row["closing"],
                "order": row["level"],
            }
            for row in rows
        ],
        **mark(
            "bar",
            ("Year", "Level", "Employees"),
            {
                "x": years(everything),
                "y": Measure(f"Employees on {last_day}", "count").along(
                    "employees",
                    stacks(everything, "closing", "scenario_id", "simulation_year"),
                    from_zero=True,
                ),
                "color": by_category("Level", ordered),
                "order": {"field": "order", "type": "quantitative"},
            },
            style=SEGMENT,
        ),
    )


def promotions(rows: Rows, everything: Rows) -> Spec:
    """Return bars of the promotions between levels by year."""

    def move(row: Mapping[str, Any]) -> str:
        return f"{row['from_level']} → {row['to_level']}"

    moves = list(dict.fromkeys(move(row) for row in sorted(everything, key=lambda row: row["from_level"])))
    return chart(
        [
            {
                "Year": row["simulation_year"],
                "Levels": move(row),
                "Promotions": PROMOTED.text(row["promotions"]),
                "promotions": row["promotions"],
            }
            for row in rows
        ],
        **mark(
            "bar",
            ("Year", "Levels", "Promotions"),
            {
                "x": years(everything),
                "xOffset": {"field": "Levels", "sort": moves, "scale": {"domain": moves}},
                "y": PROMOTED.along("promotions", [row["promotions"] for row in everything], from_zero=True),
                "color": by_category("Levels", moves),
            },
        ),
    )


def cohorts(rows: Rows, everything: Rows) -> Spec:
    """Return a line per hire cohort: the share still employed."""
    names = sorted({row["cohort"] for row in everything}, key=lambda name: (name.isdigit(), name))
    encoding = {
        "x": {**years(everything), "title": "At the end of"},
        "y": RETAINED.along("retained", [0, 1], from_zero=True),
        **by_line("Cohort", names),
    }
    return chart(
        [
            {
                "Year": row["simulation_year"],
                "Cohort": row["cohort"],
                "Still employed": RETAINED.text(row["retained"]),
                "retained": row["retained"],
            }
            for row in rows
            if row["retained"] is not None
        ],
        layer=line(("Year", "Cohort", "Still employed"), encoding),
    )


def dimensions(rows: Rows, everything: Rows) -> Spec:
    """Return a chart per dimension: headcount by value at the first opening and the last closing."""
    whens = {"opening": "Opening", "closing": "Closing"}
    return panels(
        [
            _bars_of(name, "dimension_value", where(rows, "dimension", name), everything_of, whens)
            for name in dict.fromkeys(row["dimension"] for row in everything)
            for everything_of in [where(everything, "dimension", name)]
        ],
        columns=1,
    )


def segments(rows: Rows, everything: Rows) -> Spec:
    """Return headcount by segment: the first opening, the last closing, and the last target if any."""
    ends = {pick: pick(row["simulation_year"] for row in everything) for pick in (min, max)}
    spans, all_spans = (_spans_of(part, first=ends[min], last=ends[max]) for part in (rows, everything))
    whens = {
        "opening": f"Opening {ends[min]}",
        "closing": f"Closing {ends[max]}",
        "target": f"Target {ends[max]}",
    }
    if all(row["target"] is None for row in all_spans):
        del whens["target"]
    return panels([_bars_of("segment", "segment", spans, all_spans, whens)], columns=1)


def _spans_of(rows: Rows, *, first: int, last: int) -> Rows:
    """Return a row per scenario and segment: opening of the first year, closing and target of the last."""
    openings = {
        (row["scenario_id"], row["segment"]): row["opening"]
        for row in rows
        if row["simulation_year"] == first
    }
    return [
        {**row, "opening": openings.get((row["scenario_id"], row["segment"]), 0.0)}
        for row in rows
        if row["simulation_year"] == last
    ]


def actions(rows: Rows, everything: Rows) -> Spec:
    """Return stacked bars of the known actions of a year by what became of them."""
    labels = {key: words.capitalize() for key, (words, _) in OUTCOMES.items()}
    names = list(labels.values())
    present = [name for key, name in labels.items() if any(row[key] for row in everything)]
    counts = {
        (row["simulation_year"], key): sum(each[key] for each in where(rows, "simulation_year", year))
        for row in rows
        for year in [row["simulation_year"]]
        for key in labels
    }
    return chart(
        [
            {
                "Year": year,
                "Outcome": labels[key],
                "Actions": ACTED.text(count),
                "actions": count,
                "order": names.index(labels[key]),
            }
            for (year, key), count in counts.items()
            if count
        ],
        height=160,
        **mark(
            "bar",
            ("Year", "Outcome", "Actions"),
            {
                "x": years(everything),
                "y": ACTED.along(
                    "actions", stacks(everything, "planned", "scenario_id", "simulation_year"), from_zero=True
                ),
                "color": by_category("Outcome", names, present),
                "order": {"field": "order", "type": "quantitative"},
            },
            style=SEGMENT,
        ),
    )


def _bars_of(name: str, key: str, rows: Rows, everything: Rows, whens: Mapping[str, str]) -> Spec:
    """Return bars of the employees by item, a bar for each column of `whens`; `key` is the item's column."""
    sizes: dict[str, float] = {}
    for row in everything:
        sizes[row[key]] = max(sizes.get(row[key], 0.0), *(float(row[when] or 0) for when in whens))
    largest = set(sorted(sizes, key=lambda value: -sizes[value])[:CHARTED_VALUES])
    values = [value for value in sizes if value in largest]
    return chart(
        [
            {
                name.capitalize(): row[key],
                "When": when_name,
                "Employees": EMPLOYEES.text(row[when]),
                "value": row[key],
                "employees": row[when],
            }
            for row in rows
            if row[key] in largest
            for when, when_name in whens.items()
            if row[when] is not None
        ],
        width=WIDTH - 120,
        height=20 * len(whens) * len(values),
        **mark(
            "bar",
            (name.capitalize(), "When", "Employees"),
            {
                "y": {
                    "field": "value",
                    "type": "nominal",
                    "sort": values,
                    "scale": {"domain": values},
                    "title": name,
                    "axis": {"labelLimit": 180},
                },
                "yOffset": {"field": "When", "sort": list(whens.values())},
                "x": EMPLOYEES.along(
                    "employees",
                    [row[when] or 0 for row in everything for when in whens],
                    from_zero=True,
                    tickCount=8,
                ),
                "color": by_category("When", list(whens.values())),
            },
        ),
    )
