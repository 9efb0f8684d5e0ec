"""What a figure of one scenario and year is made of: levels, dimensions, parts of cost, events and causes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from tasks.dashboard.cells import EVERYBODY, LEVEL, Items, events_behind, figures_by
from tasks.dashboard.charts.behind import parts, side_rows
from tasks.dashboard.charts.overlaid import difference_words
from tasks.dashboard.data import Part, values_of
from tasks.dashboard.key_figures import BY_KEY, KeyFigure
from tasks.dashboard.link import asked, keep, pick_one
from tasks.dashboard.parts import horizontal, show_chart, show_rows, show_table, without_pay_of_few
from tasks.dashboard.runs import SeenRun
from tasks.results.report.marks import Rows
from tasks.results.report.table import Column, Table
from tasks.runs.calendar import recorded_calendar
from tasks.text.calendar import year_label
from tasks.text.costs import PARTS
from tasks.text.events import EVENT_KINDS
from tasks.text.markdown import escaped

NOTHING = "nothing"
CHARTED_ITEMS = 15
_WORDS = {kind.event_type: kind.step for kind in EVENT_KINDS}


def ask_behind(figure: KeyFigure, scenario: str, year: str, item: str) -> None:
    """Write to the address what the part below is to show."""
    keep("behind", [figure.key])
    keep("behind.scenario", [scenario])
    keep("behind.year", [year])
    keep("behind.item", [] if item == EVERYBODY else [item])


def show_behind(run: SeenRun, part: Part, baseline: str, by: str | None) -> None:
    """Let the user choose a figure, scenario, year and item, and show what is behind it."""
    st.subheader("Behind a figure", anchor="behind")
    calendar = recorded_calendar(run.record)
    years = {str(year_label(calendar, year)): year for year in range(part.years[0], part.years[1] + 1)}
    values = values_of(run)
    items = [EVERYBODY, *(values[by] if by else ())]
    with st.container(horizontal=True):
        words = {NOTHING: "choose", **{key: figure.title for key, figure in BY_KEY.items()}}
        chosen = pick_one("Figure", list(words), "behind", words=words.__getitem__)
        scenario = pick_one("Scenario", part.scenarios, "behind.scenario", default=part.scenarios[-1])
        year = pick_one("Year", list(years), "behind.year", default=list(years)[-1])
        item = pick_one(str(by).capitalize(), items, "behind.item") if by else EVERYBODY
    if chosen == NOTHING:
        if asked("behind"):
            keep("behind", [])
        return
    slices = tuple(slice_ for slice_ in part.slices if slice_[0] != by or item == EVERYBODY)
    if by and item != EVERYBODY:
        slices += ((by, (item,)),)
    of_item = replace(part, slices=slices)
    _Behind(run, of_item, BY_KEY[chosen], scenario, years[year], baseline).show()


class _Behind:
    """A figure of a scenario, year and part of the employees."""

    def __init__(
        self, run: SeenRun, part: Part, figure: KeyFigure, scenario: str, year: int, baseline: str
    ) -> None:
        """Take `baseline` as the scenario to compare with."""
        self._run, self._part, self._figure = run, part, figure
        self._scenario, self._year, self._baseline = scenario, year, baseline
        self._label = self._words(year)

    def _words(self, year: int) -> str:
        return str(year_label(recorded_calendar(self._run.record), year))

    def show(self) -> None:
        """Show the value beside others, its items, and the events of the year."""
        table = without_pay_of_few(figures_by(self._run, self._part))
        rows = {(row["scenario_id"], str(row["simulation_year"])): row for row in table.rows}
        row = rows.get((self._scenario, self._label))
        if row is None or row[self._figure.key] is None:
            st.info("Nobody is in this part, or too few for pay to be shown.")
            return
        self._facts(table, rows)
        names = [
            name
            for name in values_of(self._run)
            if not any(name == sliced and len(those) == 1 for sliced, those in self._part.slices)
        ]
        for start in range(0, len(names), 2):
            for place, name in zip(st.columns(2), names[start : start + 2], strict=False):
                with place:
                    self._items(name)
        if self._figure.key in ("paid", "loaded_cost"):
            self._cost(row, table)
        self._events()

    def _facts(self, table: Table, rows: Mapping[Any, Mapping[str, Any]]) -> None:
        figure, measure = self._figure, self._figure.measure(table.money)
        value = rows[self._scenario, self._label][figure.key]
        facts = [(f"{figure.title}, {self._scenario}, {self._label}", measure.text(value))]
        before = rows.get((self._scenario, self._words(self._year - 1)))
        others = {f"Against {self._baseline}": rows.get((self._baseline, self._label))}
        if self._baseline == self._scenario:
            others = {}
        others["Against the year before"] = before
        for words, other in others.items():
            if other is not None and other[figure.key] is not None:
                facts.append((words, difference_words(value, other[figure.key], figure, measure)))
        horizontal(facts)

    def _items(self, by: str) -> None:
        """Show the figure by level or by a dimension, beside the baseline."""
        figure = self._figure
        sides = list(dict.fromkeys((self._baseline, self._scenario)))
        year_part = replace(self._part, scenarios=tuple(sides), years=(self._year, self._year))
        every = figures_by(self._run, year_part, Items(by))
        key = figure.key if figure.adds_up else "headcount"
        found = list(dict.fromkeys(row["item"] for row in every.rows))
        sizes = {item: max(abs(row[key] or 0) for row in every.rows if row["item"] == item) for item in found}
        ranked = sorted(found, key=lambda item: -sizes[item])
        is_long = len(ranked) > CHARTED_ITEMS + 1
        chosen = set(ranked[:CHARTED_ITEMS] if is_long else ranked)
        hidden = without_pay_of_few(every)
        rows = [row for row in hidden.rows if row["item"] in chosen]
        of_side = {side: [row for row in rows if row["scenario_id"] == side] for side in sides}
        st.markdown(f"**{escaped(f'{figure.title} by {by}, {self._label}')}**")
        if any(row[figure.key] is not None for row in rows):
            spec = parts(
                side_rows(_in_order(of_side, ranked, by), figure),
                figure,
                every.money,
                by=by.capitalize(),
                sides=sides,
            )
            show_chart(spec, f"{figure.title} by {by}")
        else:
            st.caption("Not shown: pay of fewer than five people.")
        if is_long:
            st.caption(
                f"The chart shows the {CHARTED_ITEMS} largest of {len(ranked)}; the table has all of them."
            )
        columns = tuple(
            column
            for column in hidden.columns
            if column.key in ("scenario_id", "item", figure.key, "headcount")
        )
        show_table(
            replace(hidden, columns=columns),
            f"{self._run.run_id}-{figure.key}-{self._label}-by-{by}",
        )

    def _cost(self, row: Mapping[str, Any], table: Table) -> None:
        """Show the parts of the cost."""
        parts_of_cost = [
            ("Salary for the days employed", "paid"),
            *((part.title, part.name) for part in PARTS),
        ]
        st.markdown(f"**Parts of the loaded cost, {escaped(self._label)}**")
        total = row["loaded_cost"]
        show_rows(
            replace(
                table,
                key="parts",
                columns=(
                    Column("part", "Part", "text", "Part of the loaded cost"),
                    Column("amount", "Amount", "money", "Cost of the year"),
                    Column("share", "Share", "share", "Share of the loaded cost"),
                ),
                rows=tuple(
                    {"part": title, "amount": row[key], "share": row[key] / total if total else None}
                    for title, key in parts_of_cost
                    if row[key]
                ),
            )
        )

    def _events(self) -> None:
        """Show the events of the year with causes, and the change of annual pay that they make."""
        found = events_behind(self._run, self._scenario, self._year, self._part.slices)
        if not found:
            return
        st.markdown(f"**Events of {escaped(self._label)} in {escaped(self._scenario)}**")
        money = figures_by(self._run, self._part).money
        table = Table(
            "events",
            "Events",
            "",
            (
                Column("event", "Event", "text", "Kind of event"),
                Column("cause", "Cause", "text", "Cause of leaving"),
                Column("events", "Events", "count", "Events in the year"),
                Column("pay_change", "Change of annual pay", "money", "Annual pay after less before"),
            ),
            tuple(
                {
                    "event": _WORDS.get(row["event_type"], row["event_type"]),
                    "cause": row["cause"],
                    "events": row["events"],
                    "pay_change": row["pay_change"],
                }
                for row in sorted(found, key=lambda row: -row["events"])
            ),
            money,
        )
        show_rows(without_pay_of_few(table))
        several = " Means over replicates." if self._run.record.replicates > 1 else ""
        st.caption(
            f"An event counts at the level and place before it; a hire, where the employee begins.{several}"
        )


def _in_order(of_side: Mapping[str, Rows], ranked: Sequence[str], by: str) -> dict[str, Rows]:
    """Return the rows of each side with the largest items first; levels stay in their order."""
    if by == LEVEL:
        return dict(of_side)
    return {side: sorted(rows, key=lambda row: ranked.index(row["item"])) for side, rows in of_side.items()}
