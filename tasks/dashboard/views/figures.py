"""The first part of pages: key figures by scenario, then over the years, in total or broken down."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from tasks.dashboard.cells import EVERYBODY, LEVEL, OTHERS, Items, figures_by
from tasks.dashboard.charts.overlaid import PICK, by_scenario, difference_words
from tasks.dashboard.choice import breakdown_of
from tasks.dashboard.data import Part
from tasks.dashboard.key_figures import KEY_FIGURES, KeyFigure
from tasks.dashboard.link import pick_one
from tasks.dashboard.parts import faults_as_warnings, show_chart, show_table, without_pay_of_few
from tasks.dashboard.runs import SeenRun
from tasks.dashboard.views.behind import ask_behind, show_behind
from tasks.results.report.marks import Rows
from tasks.results.report.table import SCENARIO, YEAR, Table
from tasks.runs.calendar import recorded_calendar
from tasks.runs.record import RunRecord
from tasks.studies.compare import choose_baseline
from tasks.text.calendar import year_label
from tasks.text.markdown import escaped

#: So many items have a chart of their own; the others share one.
CHARTED_ITEMS = 8
_PER_ROW = 3
#: So many scenarios are in a table beside the baseline. On a small screen, more would have to be scrolled to,
#: which tables of Streamlit do not allow by keyboard.
_SIDE_BY_SIDE = 2
HOW_TO_LOOK_BEHIND = (
    "Click on a bar or a point to see what is behind it; with the keyboard, choose it under Behind a figure."
)


def baseline_of(record: RunRecord, part: Part) -> str:
    """Return the scenario that the chosen ones are compared with."""
    chosen = record.of_scenarios(part.scenarios)
    return choose_baseline(chosen, None) if len(part.scenarios) > 1 else part.scenarios[0]


def show_key_figures(run: SeenRun, part: Part) -> None:
    """Show the answer first: key figures of each scenario, with differences from the baseline."""
    table = without_pay_of_few(figures_by(run, part))
    if not table.rows:
        st.info("No employees in this part.")
        return
    calendar = recorded_calendar(run.record)
    first, last = (str(year_label(calendar, year)) for year in part.years)
    baseline = baseline_of(run.record, part)
    # in the given order, the baseline first
    scenarios = sorted(part.scenarios, key=lambda scenario: scenario != baseline)
    lines = []
    for figure in KEY_FIGURES:
        spans: list[tuple[str | None, str]] = [(last, last)]
        if figure.flows and first != last:
            spans.append((None, f"{first} to {last}"))
        for year, words in spans:
            found = {name: _value(table.rows, name, year, figure) for name in scenarios}
            cells = {
                name: _cell(value, found[baseline], figure, table, is_baseline=name == baseline)
                for name, value in found.items()
            }
            lines.append({"Key figure": f"{figure.title}, {words}", **cells})
    st.subheader("Key figures", anchor="key_figures")
    others = scenarios[1:]
    groups = [others[start : start + _SIDE_BY_SIDE] for start in range(0, len(others), _SIDE_BY_SIDE)] or [[]]
    for start in range(0, len(groups), 2):
        for place, group in zip(st.columns(min(2, len(groups))), groups[start : start + 2], strict=False):
            shown = _named(lines, ["Key figure", baseline, *group])
            place.table(shown, hide_index=True, border="horizontal", alt="Key figures by scenario")
    notes = ["Means over replicates." if run.record.replicates > 1 else ""]
    if len(scenarios) > 1:
        notes.append(f"Behind each figure: the difference from {baseline}, and in percent of it.")
    st.caption(escaped(" ".join([*filter(None, notes), f"Closing figures are of {last}.", table.money.note])))


def _named(lines: Sequence[dict[str, str]], columns: Sequence[str]) -> pd.DataFrame:
    found = pd.DataFrame(lines, columns=list(columns))
    return found.rename(columns={name: escaped(name) for name in found.columns})


def _value(rows: Rows, scenario: str, year: str | None, figure: KeyFigure) -> float | None:
    """Return a scenario's value in a year, or the sum of all years; None if hidden or of nobody."""
    values = [
        row[figure.key]
        for row in rows
        if row["scenario_id"] == scenario and year in (None, str(row["simulation_year"]))
    ]
    return None if not values or None in values else sum(values)


def _cell(
    value: float | None, before: float | None, figure: KeyFigure, table: Table, *, is_baseline: bool
) -> str:
    if value is None:
        return "–"
    measure = replace(figure.measure(table.money), unit="")
    words = f"**{escaped(measure.text(value))}**"
    if is_baseline or before is None:
        return words
    return f"{words} {escaped(difference_words(value, before, figure, measure))}"


@st.fragment
@faults_as_warnings
def show_over_years(run: SeenRun, part: Part, figures: Sequence[KeyFigure]) -> None:
    """Show figures over the years, all scenarios on the same axes, and what is behind a clicked bar.

    With a breakdown, one figure at a time is shown by item.
    """
    by = breakdown_of(run)
    st.subheader("Over the years" if by is None else f"By {by} over the years", anchor="over_the_years")
    if by is None:
        _in_total(run, part, figures)
    else:
        _by_item(run, part, _choose_figure(figures), by)
    show_behind(run, part, baseline_of(run.record, part), by)


@st.fragment
@faults_as_warnings
def show_each_by_item(run: SeenRun, part: Part, figures: Sequence[KeyFigure], by: str) -> None:
    """Show each of a few figures over the years by item, and what is behind a clicked bar."""
    for figure in figures:
        st.subheader(f"{figure.title} by {by} over the years", anchor=figure.key)
        _by_item(run, part, figure, by)
    show_behind(run, part, baseline_of(run.record, part), by)


def _in_total(run: SeenRun, part: Part, figures: Sequence[KeyFigure]) -> None:
    table = without_pay_of_few(figures_by(run, part))
    _charts(
        [
            (figure.measure(table.money).title, EVERYBODY, figure, table.rows, table.rows)
            for figure in figures
        ],
        partial(_drawn, run, part, table),
        columns=2,
    )
    st.caption(HOW_TO_LOOK_BEHIND)


def _choose_figure(figures: Sequence[KeyFigure]) -> KeyFigure:
    by_key = {figure.key: figure for figure in figures}
    return by_key[
        pick_one("Figure", list(by_key), "figure", words=lambda key: by_key[key].title, by_buttons=True)
    ]


def _by_item(run: SeenRun, part: Part, figure: KeyFigure, by: str) -> None:
    """Show a figure by item: the largest in charts of their own, all in a table."""
    every = figures_by(run, part, Items(by))
    if not every.rows:
        st.info("No employees in this part.")
        return
    names = largest(every.rows, figure)
    left_out = len({row["item"] for row in every.rows}) - len(names)
    shown = Items(by, tuple(names)) if left_out > 1 else Items(by)
    table = without_pay_of_few(figures_by(run, part, shown))
    items = [
        item
        for item in dict.fromkeys(row["item"] for row in table.rows)
        if any(row["item"] == item and row[figure.key] is not None for row in table.rows)
    ]
    _charts(
        [
            (
                f"All {left_out} others" if item == OTHERS else names_of(run.record, by).get(item, item),
                item,
                figure,
                [row for row in table.rows if row["item"] == item],
                [row for row in table.rows if row["item"] in items],
            )
            for item in sorted(items, key=lambda item: item == OTHERS)
        ],
        partial(_drawn, run, part, table),
        columns=_PER_ROW,
    )
    sentences = [HOW_TO_LOOK_BEHIND]
    if OTHERS in items:
        sentences.append(
            f"The {len(names)} largest of {len(names) + left_out} have charts; the table has all of them."
        )
    st.caption(f"{' '.join(sentences)} All charts have the same axes.")
    columns = tuple(
        column
        for column in every.columns
        if column.key in (SCENARIO.key, YEAR.key, "item", figure.key, "headcount")
    )
    hidden = without_pay_of_few(every)
    show_table(replace(hidden, columns=columns), f"{run.run_id}-{figure.key}-by-{by}")


def names_of(record: RunRecord, by: str) -> dict[str, str]:
    """Return the names of items that differ from the items: 2 Manager of level 2."""
    names: dict[str, str] = {}
    if by == LEVEL:
        for scenario in record.scenarios:
            for number, level in scenario.settings["workforce"]["levels"].items():
                names.setdefault(str(number), f"{number} {level['name']}")
    return names


def largest(rows: Rows, figure: KeyFigure) -> list[str]:
    """Return the items that have a chart of their own: the largest in any year and scenario."""
    key = figure.key if figure.adds_up else "headcount"
    sizes: dict[str, float] = {}
    for row in rows:
        sizes[row["item"]] = max(sizes.get(row["item"], 0.0), abs(row[key] or 0.0))
    found = sorted(sizes, key=lambda item: -sizes[item])
    return found if len(found) <= CHARTED_ITEMS + 1 else found[:CHARTED_ITEMS]


def _charts(
    shown: Sequence[tuple[str, str, KeyFigure, Rows, Rows]], draw: Callable[..., None], *, columns: int
) -> None:
    """Draw charts in rows of `columns`; each has a title, item, figure, its rows and those of its axes."""
    for start in range(0, len(shown), columns):
        for place, (title, item, figure, rows, everything) in zip(
            st.columns(columns), shown[start : start + columns], strict=False
        ):
            with place:
                st.markdown(f"**{escaped(title)}**")
                draw(title, item, figure, rows, everything)


def _drawn(
    run: SeenRun,
    part: Part,
    table: Table,
    title: str,
    item: str,
    figure: KeyFigure,
    rows: Rows,
    everything: Rows,
) -> None:
    if not any(row[figure.key] is not None for row in rows):
        st.caption("Not shown: pay of fewer than five people.")
        return
    spec = by_scenario(
        rows, everything, figure, table.money, baseline=baseline_of(run.record, part), height=200
    )
    key = f"chart {figure.key} {item}"
    titled = title if item == EVERYBODY else f"{figure.title}, {title}"
    show_chart(spec, titled, (key, partial(_picked, key, figure, item, part)))


def _picked(key: str, figure: KeyFigure, item: str, part: Part) -> None:
    """Note which mark was clicked on, in the address."""
    picks = st.session_state[key]["selection"].get(PICK) or []
    if picks and item != OTHERS:
        pick = picks[-1]
        ask_behind(figure, pick.get("Scenario", part.scenarios[0]), str(pick["Year"]), item)
