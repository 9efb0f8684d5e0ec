"""Page Employees, shown only with --show-pay: the employees behind a cost, and one employee's years."""

from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from tasks.census.parse import NO_VALUE
from tasks.dashboard.choice import choose_run
from tasks.dashboard.data import employees_of, timeline_of, values_of
from tasks.dashboard.parts import faults_as_warnings, horizontal
from tasks.dashboard.runs import SeenRun
from tasks.results.drill import AMOUNTS, Scope
from tasks.results.export import frame_csv
from tasks.runs.calendar import recorded_calendar
from tasks.text.calendar import year_label
from tasks.text.markdown import escaped
from tasks.text.money import Money
from tasks.text.numbers import written

MOST_ROWS = 1000
ALL = "all"


def show() -> None:
    """Show the page: a cost's employees, then the events of one employee with their reasons."""
    run = choose_run(finished=True)
    if run is not None:
        _show(run)


@faults_as_warnings
def _show(run: SeenRun) -> None:
    if not run.complete_years:
        st.info(f"Run `{run.run_id}` has no complete year yet.")
        return
    scope = _choose_scope(run)
    _behind(run, scope)
    _timeline(run, scope)


def _choose_scope(run: SeenRun) -> Scope:
    replicates, calendar = run.record.replicates, recorded_calendar(run.record)
    values = values_of(run)
    with st.container(horizontal=True):
        scenario = st.selectbox("Scenario", run.scenarios)
        replicate = st.number_input("Replicate", 1, replicates, 1) if replicates > 1 else 1
        year = st.selectbox("Year", run.complete_years, format_func=partial(year_label, calendar))
        months = [month.month for month in Scope(scenario, 1, year).months(calendar)]
        month = st.selectbox("Month", [None, *months], format_func=_month_name)
        chosen = {name: st.selectbox(name.capitalize(), [ALL, *those]) for name, those in values.items()}
    level = chosen.pop("level")
    dimensions = {name: "" if value == NO_VALUE else value for name, value in chosen.items() if value != ALL}
    return Scope(scenario, int(replicate), year, month, None if level == ALL else int(level), dimensions)


def _month_name(month: int | None) -> str:
    return "all months" if month is None else f"{date(2000, month, 1):%B}"


def _behind(run: SeenRun, scope: Scope) -> None:
    found = employees_of(run, scope)
    money = Money.of(run.record)
    st.subheader("Employees behind the cost")
    horizontal(
        [
            ("Employees", written(found.employees.height)),
            ("Salary cost", money.to_the_cent(found.salary_cost)),
            ("Loaded cost", money.to_the_cent(found.loaded_cost)),
        ]
    )
    st.caption(
        "Highest cost first. All salaries add up to the published cost to the cent"
        + (f"; the first {MOST_ROWS:,} are shown." if found.employees.height > MOST_ROWS else ".")
    )
    columns = {
        name: st.column_config.NumberColumn(money.headed(name), format="accounting") for name in AMOUNTS
    }
    rows = found.employees.head(MOST_ROWS).to_dicts()
    st.dataframe(
        pd.DataFrame(rows, columns=found.employees.columns).astype(dict.fromkeys(columns, float)),
        hide_index=True,
        column_config=columns,
        placeholder="–",
    )
    when = scope.name(recorded_calendar(run.record))
    st.download_button(
        "CSV",
        lambda: frame_csv(found.employees),
        file_name=f"{run.run_id}-employees-{when}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


@st.fragment
@faults_as_warnings
def _timeline(run: SeenRun, scope: Scope) -> None:
    st.subheader("One employee's years")
    employee = st.text_input("Employee id", placeholder="E0001047, or H2025-0000001 of a hire").strip()
    if employee:
        rows = [
            {
                "Year": recorded_calendar(run.record).name(each.year),
                "Date": str(each.date or "–"),
                "What": escaped(each.what),
                "Why": escaped(each.why),
            }
            for each in timeline_of(run, employee, scope.scenario, scope.replicate)
        ]
        st.table(pd.DataFrame(rows), hide_index=True, border="horizontal")
