"""What the simulation came to: the report's figures of the part that is chosen."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from tasks.dashboard.choice import choose_part, choose_run
from tasks.dashboard.data import Part, run_tables, values_of
from tasks.dashboard.parts import horizontal, show_downloads, show_topic, with_faults_shown
from tasks.dashboard.runs import SeenRun
from tasks.results.report.page import headlines
from tasks.results.report.table import Table

#: Topics of the first page.
OVERVIEW = ("headcount", "payroll", "cost", "differences", "breakdown", "spread")


def overview() -> None:
    """The figures that a planner takes to a meeting."""
    _results(_overview)


def workforce() -> None:
    """Who they are: levels, promotions, turnover, cohorts, dimensions."""
    _results(_workforce)


def cost() -> None:
    """What they cost, of all or of a slice."""
    _results(_cost)


def _results(show: Callable[[SeenRun, Part], None]) -> None:
    """A page of results: the run, the part of it, and what `show` shows of that."""
    run = choose_run(finished=True)
    if run is not None:
        _show(run, show)


@with_faults_shown
def _show(run: SeenRun, show: Callable[[SeenRun, Part], None]) -> None:
    if run.complete_years:
        show(run, choose_part(run))
        return
    st.info(
        f"Run `{run.run_id}` ({run.state}) has no complete year yet. Results appear here as years are "
        "complete; the page Operations shows how it goes on."
    )


def _overview(run: SeenRun, part: Part) -> None:
    tables = run_tables(run, part, OVERVIEW)
    for entry in headlines(list(tables.values()), run.record.of_scenarios(part.scenarios)):
        if len(part.scenarios) > 1:
            st.markdown(f"**{entry['scenario']}**")
        horizontal(
            [
                (f"Employees, {entry['years']}", entry["headcount"]),
                ("Annual payroll", entry["payroll"]),
                ("Loaded cost, last year", entry["cost"]),
                ("Hires", entry["hires"]),
                ("Leavers", entry["leavers"]),
            ]
        )
    show_downloads(run)
    for key in ("headcount", "payroll", "differences", "breakdown", "spread"):
        show_topic(tables.get(key), run.run_id)


def _workforce(run: SeenRun, part: Part) -> None:
    tables = run_tables(run, part, ("levels", "promotions", "turnover", "cohorts", "dimensions"))
    for key in ("levels", "promotions", "turnover", "cohorts"):
        show_topic(tables.get(key), run.run_id)
    if "dimensions" in tables:
        _dimensions(tables["dimensions"], run)


def _dimensions(table: Table, run: SeenRun) -> None:
    """One dimension at a time, as its values share a chart."""
    names = list(dict.fromkeys(row["dimension"] for row in table.rows))
    chosen = st.segmented_control("Dimension", names, default=names[0], required=True, key="dimension")
    show_topic(_where(table, "dimension", chosen), run.run_id)


def _cost(run: SeenRun, part: Part) -> None:
    slices = []
    values = values_of(run)
    for column, (name, those) in zip(st.columns(len(values)), values.items(), strict=True):
        chosen = column.multiselect(
            name.capitalize(),
            those,
            key=f"{name} of {run.run_id}",
            persist_state="session",
            placeholder="All",
        )
        if chosen:
            slices.append((name, tuple(chosen)))
    tables = run_tables(run, Part(part.scenarios, part.years, tuple(slices)), ("cost", "months"))
    if not tables:
        st.info("Nobody was employed in this part.")
    for key in ("cost", "months"):
        show_topic(tables.get(key), run.run_id)


def _where(table: Table, key: str, value: Any) -> Table:
    return replace(table, rows=tuple(row for row in table.rows if row[key] == value))
