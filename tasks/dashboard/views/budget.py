"""The part of page Cost that compares the run with a budget: any other run with results."""

import streamlit as st

from settings.errors import InputError
from tasks.dashboard.data import Part, variance_of
from tasks.dashboard.options import options
from tasks.dashboard.parts import faults_as_warnings, show_topic
from tasks.dashboard.runs import SeenRun, published_years, read_runs
from tasks.runs.budget import NamedBudget, named_budget
from tasks.runs.calendar import recorded_calendar
from tasks.text.calendar import year_label

NONE = "no budget"  # not an id, which has no blanks


@faults_as_warnings
def show_against_budget(run: SeenRun, part: Part) -> None:
    """Let the user choose a budget and a year, and show the bridges of payroll and cost from it."""
    others = [other for other in read_runs(options().output).found if other.run_id != run.run_id]
    budgets = {other.run_id: NamedBudget(other.directory, None) for other in others if other.complete_years}
    named = _named(run)
    if named is not None:
        budgets[named.directory.run_id] = named
    if not budgets:
        return
    left, right = st.columns([2, 1])
    labels = [NONE, *budgets]
    chosen = left.selectbox(
        "Budget to compare with",
        labels,
        index=labels.index(named.directory.run_id) if named else 0,
        key=f"budget of {run.run_id}",
        persist_state="session",
    )
    if chosen == NONE:
        return
    budget = budgets[chosen]
    first, last = part.years
    common = sorted(set(run.complete_years) & set(published_years(budget.directory)))
    years = [year for year in common if first <= year <= last]
    if not years:
        st.info(f"Run `{chosen}` has no complete year of those chosen.")
        return
    calendar = recorded_calendar(run.record)
    year = right.selectbox(
        "Year",
        years,
        format_func=lambda year: year_label(calendar, year),
        key=f"budget year of {run.run_id}, {years}",
    )
    table = variance_of(run, part.scenarios, budget, year)
    if table.key == "variance":
        show_topic(table, run.run_id)
    else:  # cannot be compared
        st.warning(str(table.rows[0]["problem"]))


def _named(run: SeenRun) -> NamedBudget | None:
    """Return the budget that the run's settings name; a warning if it is not there any more."""
    try:
        return named_budget(run.record.settings, run.directory.path.parent)
    except InputError as error:
        st.warning(str(error))
        return None
