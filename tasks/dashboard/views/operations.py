"""Page Operations: a run's progress, live, with checks, alerts and comparisons with earlier runs."""

import getpass
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from tasks.alerts import Alert, store_of
from tasks.alerts.events import acknowledge, has_server, raised_on_server
from tasks.alerts.message import title_of_alert, where_of
from tasks.dashboard.choice import choose_run
from tasks.dashboard.data import checks_of
from tasks.dashboard.machinery import (
    Clock,
    against_history,
    alike,
    clocks,
    machine_facts,
    same_input,
    shards_of,
    slowest_parts,
    steps_of,
    trend,
    years_table,
)
from tasks.dashboard.options import options
from tasks.dashboard.parts import faults_as_warnings, horizontal, show_chart
from tasks.dashboard.runs import SeenRun, read_runs, read_status, seconds_since
from tasks.results.report.charts import by_run
from tasks.runs.calendar import recorded_calendar
from tasks.runs.status import RunStatus
from tasks.server.api import ServerTrouble
from tasks.server.failing import RESUME
from tasks.server.state import read_paused
from tasks.text.markdown import escaped

LIVE_SECONDS, IDLE_SECONDS = 2.0, 15.0
MOST_ALERTS, ALERTS_AT_A_GLANCE = 50, 5
MOST_RUNS = 30
_BADNESS = {"fail": 0, "warn": 1, "pass": 2}
_SEVERITY_COLOURS = {"critical": "red", "warning": "orange", "info": "blue"}


def show() -> None:
    """Show the page: a run's state, alerts and checks, then counts and times against earlier runs."""
    run = choose_run(finished=False)
    if run is None:
        return
    every = LIVE_SECONDS if run.is_alive else IDLE_SECONDS
    st.fragment(run_every=every)(_live)(run.run_id)
    st.fragment(run_every=every)(_alerts)()
    _checks(run)
    earlier = read_runs(options().output).found
    _against_history(run, earlier)
    _times(run, earlier)


def _live(run_id: str) -> None:
    """Show the parts that change while a run is running; the run is read again each time."""
    run = read_runs(options().output).named(run_id)
    if run is None:
        st.warning(f"Run `{run_id}` was removed.")
        return
    _state_of(run)


@faults_as_warnings
def _state_of(run: SeenRun) -> None:
    status = read_status(run.directory)
    steps = steps_of(run, status)
    _progress(run, status)
    running = clocks(run, status)
    for column, clock in zip(st.columns(max(1, len(running))), running, strict=False):
        with column:
            _clock(clock)
    horizontal(machine_facts(run, status, steps))
    st.subheader("Years and steps")
    _grid(years_table(run, status, steps))
    shards = shards_of(run)
    if shards:
        st.subheader("Shards")
        _grid(shards)


def _progress(run: SeenRun, status: RunStatus | None) -> None:
    first, last = run.record.years
    total, complete = last - first + 1, len(run.complete_years)
    st.markdown(_sentence(run, status))
    if status and status.error:
        st.error(f"```\n{status.error}\n```")
    st.progress(min(1.0, complete / total), text=f"{complete} of {total} years complete")


def _sentence(run: SeenRun, status: RunStatus | None) -> str:
    """Return the run's state as a sentence."""
    if run.state == "starting":
        return "The run is being prepared; nothing is simulated yet."
    doing = status.doing if status else ""
    if status and run.state == "running":
        since = f" for {_ago(status.step_started_at)}" if status.step_started_at else ""
        alive = _ago(status.heartbeat_at)
        return f"**{doing or 'between two steps'}**{since}; last heartbeat {alive} ago."
    if run.state == "interrupted":
        seen = f", last heartbeat {_to_the_second(status.heartbeat_at)}" if status else ""
        at = f" at {doing}" if doing else ""
        return f"Its process ended{at}{seen}. `--resume {run.run_id}` continues from the last complete year."
    if status and status.error:
        log = run.directory.log
        return f"It failed at {doing or 'its end'}. See `{log}`; `--resume {run.run_id}` continues it."
    if run.record.finished_at:
        return f"Ended {_to_the_second(run.record.finished_at)}."
    return ""


def _to_the_second(moment: str) -> str:
    return moment[:19].replace("T", " ")


def _clock(clock: Clock) -> None:
    """Show a time limit and its used share."""
    text = f"{clock.name}: {_span(clock.seconds)} of {_span(clock.limit)} ({clock.setting})"
    st.progress(clock.share, text=f":red[**{text}: over the limit**]" if clock.is_over else text)


@st.fragment
@faults_as_warnings
def _checks(run: SeenRun) -> None:
    """Show the published checks, failures first."""
    st.subheader("Checks")
    found = checks_of(run)
    if not found.height:
        st.info("No checks are published yet: those of a year appear when it is complete.")
        return
    wanted = st.segmented_control(
        "Status", ["all", "warn", "fail"], default="all", required=True, key="check status"
    )
    names = {
        "status": "Status",
        "simulation_year": "Year",
        "check_name": "Check",
        "observed": "Observed",
        "expected": "Expected",
        "details": "Details",
        "advice": "What to do",
    }
    shown = found.select([name for name in names if name in found.columns]).rename(names, strict=False)
    rows = [row for row in shown.to_dicts() if wanted in ("all", row["Status"])]
    rows.sort(key=lambda row: (_BADNESS.get(row["Status"], 0), row["Year"], row["Check"]))
    counts = [f"{sum(row['Status'] == word for row in shown.to_dicts())} {word}" for word in _BADNESS]
    st.caption(f"Checks: {found.height}; {', '.join(counts)}.")
    if rows:
        st.dataframe(
            pd.DataFrame(rows), hide_index=True, placeholder="–", column_config={"Year": _year_column(run)}
        )


def _alerts() -> None:
    """Show paused deployments, then the newest alerts of all runs, unacknowledged ones first."""
    st.subheader("Alerts")
    for name in _paused_on_the_server():
        st.warning(
            f"Deployment `{name}` is paused: no schedule starts a run. When the cause is corrected, "
            f"`{RESUME} {name}` resumes it."
        )
    try:
        store = store_of(options().output)
        stored = store.recent(MOST_ALERTS) if store.exists else []
        listed = [(entry.alert, entry.raised_at, entry.count, entry.handled) for entry in stored]
        known = {entry.alert.id for entry in stored}
        listed += [
            (alert, alert.since, 1, f"acknowledged by {by}" if by else None)
            for alert, by in _of_the_server()
            if alert.id not in known
        ]
        listed.sort(key=lambda entry: entry[3] is not None)
        for entry in listed[:ALERTS_AT_A_GLANCE]:
            _alert(*entry)
        if listed[ALERTS_AT_A_GLANCE:]:
            with st.expander(f"{len(listed) - ALERTS_AT_A_GLANCE} more", key="more alerts"):
                for entry in listed[ALERTS_AT_A_GLANCE:]:
                    _alert(*entry)
        if not listed:
            st.caption("None.")
    except OSError as error:
        st.warning(f"The alerts of `{options().output}` cannot be read: {error}.")


@st.cache_data(ttl=15, show_spinner=False)
def _of_the_server() -> list[tuple[Alert, str | None]]:
    """Return the alerts of the Prefect server, if one is configured."""
    if not has_server():
        return []
    try:
        return raised_on_server(limit=MOST_ALERTS)
    except ServerTrouble as error:
        st.caption(f"The alerts of the Prefect server are not shown: {error}.")
        return []


@st.cache_data(ttl=15, show_spinner=False)
def _paused_on_the_server() -> list[str]:
    """Return the paused deployments of the Prefect server, if one is configured.

    None if it does not answer: `_of_the_server` reports that.
    """
    if not has_server():
        return []
    try:
        return read_paused()
    except ServerTrouble:
        return []


def _alert(alert: Alert, raised_at: float, count: int, handled: str | None) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"alert {alert.id}"):
        st.badge(alert.how_bad, color=_SEVERITY_COLOURS[alert.how_bad])  # type: ignore[arg-type] # one of its literals
        times = f", {count} times" if count > 1 else ""
        when = f"{datetime.fromtimestamp(raised_at):%Y-%m-%d %H:%M:%S}"
        facts = "; ".join(f"{name}: {value}" for name, value in alert.facts.items())
        with st.container(width="stretch"):
            st.markdown(f"**{title_of_alert(alert)}** ({escaped(where_of(alert))}), {when}{times}")
            st.text(facts)
        if handled:
            st.caption(handled, width="content")
        else:
            st.button("Acknowledge", key=f"acknowledge {alert.id}", on_click=_acknowledge, args=[alert.id])


def _acknowledge(alert_id: str) -> None:
    acknowledge(options().output, alert_id, getpass.getuser())
    _of_the_server.clear()


@st.fragment
@faults_as_warnings
def _against_history(run: SeenRun, others: Sequence[SeenRun]) -> None:
    """Show the counts of each year beside those of earlier runs of the same input."""
    st.subheader("Rows and events against earlier runs")
    earlier = same_input(run, others)[:MOST_RUNS]
    st.caption(
        "Means over replicates, beside earlier finished runs of the same settings and census, with any seed: "
        f"{len(earlier) or 'none'}."
    )
    rows = against_history(run, earlier)
    if rows:
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            placeholder="–",
            column_config={
                "Year": _year_column(run),
                **{name: st.column_config.NumberColumn(format="localized") for name in _COUNTS},
            },
        )


@st.fragment
@faults_as_warnings
def _times(run: SeenRun, others: Sequence[SeenRun]) -> None:
    """Show the seconds of each step, run by run."""
    st.subheader("Time by step over runs (seconds)")
    like, every = "runs of this size", "all runs"
    which = st.segmented_control("Of", [like, every], default=like, required=True, key="trend of")
    runs = alike(run, others) if which == like else [other for other in others if other.state == "complete"]
    rows = trend(runs[:MOST_RUNS])
    if rows:
        st.caption(f"Finished runs, oldest first: {len(runs[:MOST_RUNS])} of {len(runs)}.")
        show_chart(by_run(rows), "Time by step over runs")
    else:
        st.caption("No finished run of this size has published its timings.")
    parts = slowest_parts(run)
    if parts:
        with st.expander("Slowest models and tests of this run"):
            st.dataframe(pd.DataFrame(parts).rename(columns=str.capitalize), hide_index=True)


_COUNTS = ("This run", "Median", "Least", "Most")


def _grid(rows: list[dict[str, str]]) -> None:
    # a grid, which the keyboard can scroll on a small screen: a table cannot be
    st.dataframe(pd.DataFrame(rows), hide_index=True)


def _year_column(run: SeenRun) -> Any:
    """Return the format of a column of years, which stay numbers so that they can be sorted."""
    return st.column_config.NumberColumn(format=f"{recorded_calendar(run.record).prefix}%d")


def _ago(moment: str) -> str:
    return _span(seconds_since(moment))


def _span(seconds: float) -> str:
    """Return a time as minutes:seconds, or hours:minutes:seconds."""
    rounded = max(0, round(seconds))
    hours, minutes = rounded // 3600, rounded // 60 % 60
    return f"{hours}:{minutes:02}:{rounded % 60:02}" if hours else f"{minutes}:{rounded % 60:02}"
