"""What two scenarios, or a scenario of two runs, have in common, and what a comparison leaves out."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import duckdb

from settings.models.targets import OTHERS
from tasks.runs.record import RunRecord
from tasks.studies.figures import SEGMENT

#: The items of each breakdown by scenario; without the scenarios that have none of it.
Items = dict[str, dict[str, set[str]]]

MOST_ITEMS = 3
MOST_PAIRS = 3


@dataclass(frozen=True)
class Side:
    """A side of a comparison: its name, its items, and whether it names them itself."""

    name: str
    items: set[str]
    is_by_name: bool = True

    @classmethod
    def of(cls, name: str, items: Items, by: str, record: RunRecord, scenario: str) -> "Side":
        """Return the side of a scenario of a run; segments are named by scenarios with targets."""
        (settings,) = [entry.settings for entry in record.scenarios if entry.id == scenario]
        return cls(
            name, items.get(by, {}).get(scenario, set()), by != SEGMENT or bool(settings.get("targets"))
        )


def items_of(connection: duckdb.DuckDBPyConnection) -> Items:
    """Return the items of every breakdown but the total, over the view of `create_figures`."""
    found: Items = {}
    rows = connection.view("figures").select("breakdown", "scenario_id", "item").distinct().fetchall()
    for breakdown, scenario, item in rows:
        if breakdown != "total":
            found.setdefault(breakdown, {}).setdefault(scenario, set()).add(item)
    return found


def nothing_in_common(by: str, notes: Iterable[str], breakdowns: Iterable[str]) -> str:
    """Return the message where no pair has an item of breakdown `by` in common.

    Args:
        by: The breakdown.
        notes: The sentences of `left_out` on the pairs.
        breakdowns: The breakdowns that there are.
    """
    sentences = list(notes)
    more = f" {len(sentences) - MOST_PAIRS:,} more pairs." if len(sentences) > MOST_PAIRS else ""
    found = " ".join(sentences[:MOST_PAIRS]) + more
    others = ", ".join(sorted({*breakdowns} - {by, "total"}))
    rule = (
        "Segments of the same name are compared. A scenario without targets is counted by the segments of "
        "other scenarios of its run if these are values of one attribute. Give both the same segments "
        "(setting targets)"
        if by == SEGMENT
        else f"Items of the same name are compared. Compare runs with a common {by}"
    )
    return f"--by {by}: nothing to compare. {found} {rule}, or use another breakdown: {others}"


def left_out(one: Side, other: Side, compared: Collection[str]) -> str:
    """Return the items that a comparison leaves out, with the reason; empty if it leaves out none."""
    common = one.items & other.items
    # a side without targets is counted by the segments of all scenarios of its run, and names none itself
    parts = [
        f"{listed(side.items - common)}, which only {side.name} has"
        for side, against in ((one, other), (other, one))
        if side.items - common and (side.is_by_name or not against.is_by_name)
    ]
    if OTHERS in common - {*compared}:
        parts.append(f"'{OTHERS}', everybody outside the named segments, who are not the same people in both")
    return "; ".join(parts)


def listed(items: Iterable[object], quote: str = "'") -> str:
    """Return names in order and in quotes, as they may contain commas; a long list is cut."""
    names = [f"{quote}{item}{quote}" for item in sorted(items, key=str)]
    more = f" and {len(names) - MOST_ITEMS:,} more" if len(names) > MOST_ITEMS else ""
    return f"{', '.join(names[:MOST_ITEMS])}{more}"
