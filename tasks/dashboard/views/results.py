"""Pages Overview, Workforce and Cost: the report's figures for the chosen scenarios and years."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from tasks.dashboard.choice import choose_part, choose_run
from tasks.dashboard.data import Part, run_tables, values_of
from tasks.dashboard.parts import faults_as_warnings, horizontal, show_downloads, show_topic
from tasks.dashboard.runs import SeenRun
from tasks.dashboard.views.budget import show_against_budget
from tasks.results.report.page import headlines
from tasks.results.report.table import Table

#: Topics of the first page.
OVERVIEW = (
    "headcount",
    "full_year",
    "goals",
    "segments",
    "payroll",
    "cost",
    "differences",
    "cost_differences",
    "breakdown",
    "actions",
    "undone",
    "spread",
)


def overview() -> None:
    """Show page Overview: key figures, headcount, segments, payroll, differences, known actions, spread."""
    _results(_overview)


def workforce() -> None:
    """Show page Workforce: levels, promotions, leavers by cause, turnover, cohorts, dimensions."""
    _results(_workforce)


def cost() -> None:
    """Show page Cost: by year and by month, in total or for chosen levels and values; against a budget."""
    _results(_cost)


def _results(show: Callable[[SeenRun, Part], None]) -> None:
    """Show a page of results: the choice of a run and its part, then `show`."""
    run = choose_run(finished=True)
    if run is not None:
        _show(run, show)


@faults_as_warnings
def _show(run: SeenRun, show: Callable[[SeenRun, Part], None]) -> None:
    if run.complete_years:
        show(run, choose_part(run))
        return
    st.info(
        f"Run `{run.run_id}` ({run.state}) has no complete year yet. Results appear here as years are "
        "complete; page Operations shows the progress."
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
    for key in OVERVIEW:
        if key == "cost":  # page Cost
            continue
        show_topic(tables.get(key), run.run_id)


def _workforce(run: SeenRun, part: Part) -> None:
    tables = run_tables(run, part, ("levels", "promotions", "causes", "turnover", "cohorts", "dimensions"))
    for key in ("levels", "promotions", "causes", "turnover", "cohorts"):
        show_topic(tables.get(key), run.run_id)
    if "dimensions" in tables:
        _dimensions(tables["dimensions"], run)


def _dimensions(table: Table, run: SeenRun) -> None:
    """Show one dimension at a time, because its values share a chart."""
    names = list(dict.fromkeys(row["dimension"] for row in table.rows))
    chosen = st.segmented_control("Dimension", names, default=names[0], required=True, key="dimension")
    show_topic(_where(table, "dimension", chosen), run.run_id)


def _cost(run: SeenRun, part: Part) -> None:
    slices = []
    values = values_of(run)
    for column, (name, choices) in zip(st.columns(len(values)), values.items(), strict=True):
        chosen = column.multiselect(
            name.capitalize(),
            choices,
            key=f"{name} of {run.run_id}",
            persist_state="session",
            placeholder="All",
        )
        if chosen:
            slices.append((name, tuple(chosen)))
    tables = run_tables(run, Part(part.scenarios, part.years, tuple(slices)), ("cost", "months"))
    if not tables:
        st.info("No employees in this part.")
    for key in ("cost", "months"):
        show_topic(tables.get(key), run.run_id)
    show_against_budget(run, part)


def _where(table: Table, key: str, value: Any) -> Table:
    return replace(table, rows=tuple(row for row in table.rows if row[key] == value))
