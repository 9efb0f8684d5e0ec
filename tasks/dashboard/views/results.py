"""Pages Overview, Workforce, Cost and Pay: a run's figures for the chosen scenarios, years and employees."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from tasks.dashboard.choice import choose_part, choose_run
from tasks.dashboard.data import Part, run_tables
from tasks.dashboard.key_figures import BY_KEY, KEY_FIGURES
from tasks.dashboard.parts import faults_as_warnings, show_downloads, show_topic
from tasks.dashboard.runs import SeenRun
from tasks.dashboard.views.budget import show_against_budget
from tasks.dashboard.views.figures import show_key_figures, show_over_years
from tasks.dashboard.views.pay import show_pay
from tasks.results.report.table import Table

#: Topics of the first page, in their order; those that a run does not have are left out.
OVERVIEW = (
    "goals",
    "attribution",
    "differences",
    "cost_differences",
    "breakdown",
    "headcount",
    "full_year",
    "segments",
    "payroll",
    "actions",
    "undone",
    "spread",
)
WORKFORCE = ("levels", "promotions", "causes", "turnover", "cohorts", "dimensions")
#: Figures over the years on each page.
OF_WORKFORCE = (BY_KEY["headcount"], BY_KEY["hires"], BY_KEY["leavers"])
OF_COST = (BY_KEY["paid"], BY_KEY["loaded_cost"])


def overview() -> None:
    """Show page Overview: key figures by scenario and over the years, differences, and the topics behind."""
    _results(_overview)


def workforce() -> None:
    """Show page Workforce: levels, promotions, leavers by cause, turnover, cohorts, dimensions."""
    _results(_workforce)


def cost() -> None:
    """Show page Cost: by year and by month, in total or for chosen levels and values; against a budget."""
    _results(_cost)


def pay() -> None:
    """Show page Pay: average pay and compa-ratio by level and year."""
    _results(show_pay)


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
    show_key_figures(run, part)
    show_downloads(run)
    show_over_years(run, part, KEY_FIGURES)
    _note_on_slices(part)
    tables = run_tables(run, replace(part, slices=()), OVERVIEW)
    for key in OVERVIEW:
        show_topic(tables.get(key), run.run_id)


def _workforce(run: SeenRun, part: Part) -> None:
    show_over_years(run, part, OF_WORKFORCE)
    _note_on_slices(part)
    tables = run_tables(run, replace(part, slices=()), WORKFORCE)
    for key in WORKFORCE:
        if key == "dimensions" and key in tables:
            _dimensions(tables[key], run)
        else:
            show_topic(tables.get(key), run.run_id)


def _note_on_slices(part: Part) -> None:
    """Say that the topics below are of all employees, if the page is to show some of them."""
    if part.slices:
        st.info("What follows is of all employees: it is not known by level and dimension together.")


def _dimensions(table: Table, run: SeenRun) -> None:
    """Show one dimension at a time, because its values share a chart."""
    names = list(dict.fromkeys(row["dimension"] for row in table.rows))
    chosen = st.segmented_control("Dimension", names, default=names[0], required=True, key="dimension")
    show_topic(_where(table, "dimension", chosen), run.run_id)


def _cost(run: SeenRun, part: Part) -> None:
    tables = run_tables(run, part, ("cost", "months"))
    if not tables:
        st.info("No employees in this part.")
        return
    show_over_years(run, part, OF_COST)
    for key in ("cost", "months"):
        show_topic(tables.get(key), run.run_id)
    _note_on_slices(part)
    show_against_budget(run, part)


def _where(table: Table, key: str, value: Any) -> Table:
    return replace(table, rows=tuple(row for row in table.rows if row[key] == value))
