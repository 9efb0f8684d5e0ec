"""The choice of a run, and of the scenarios and years that a page shows."""

from datetime import datetime
from functools import partial

import streamlit as st

from tasks.dashboard.data import Part, default_part
from tasks.dashboard.options import options
from tasks.dashboard.runs import Runs, SeenRun, Stamp, newest, read_runs, stamp_of
from tasks.runs.calendar import recorded_calendar
from tasks.runs.company import company_name
from tasks.text.calendar import year_label, years_words
from tasks.text.markdown import escaped
from tasks.text.money import Money
from tasks.text.numbers import written

CHECK_SECONDS = 3.0  # how often a page checks for new or changed runs
NEWEST = "newest"
STATES = {  # colour and icon of each state of a run
    "running": ("blue", ":material/play_arrow:"),
    "starting": ("blue", ":material/hourglass_top:"),
    "complete": ("green", ":material/check:"),
    "failed": ("red", ":material/error:"),
    "cancelled": ("orange", ":material/cancel:"),
    "interrupted": ("red", ":material/heart_broken:"),
}


def choose_run(finished: bool) -> SeenRun | None:
    """Let the user choose a run; by default the newest, with `finished` the newest finished run.

    Shows a warning for each run that cannot be read, and reruns the page when runs change. Returns None
    without runs.
    """
    runs = read_runs(options().output)
    for sentence in runs.unreadable:
        st.warning(sentence, icon=":material/warning:")
    _rerun_on_changes(runs)
    latest = newest(runs, finished)
    if latest is None:
        st.info(
            f"There are no runs in `{options().output.resolve()}` yet. Runs appear here once started: "
            f"`python -m flows.multi_year --output {options().output}`"
        )
        return None
    asked = st.session_state.get("run") or st.query_params.get("run", NEWEST)
    if asked != NEWEST and runs.named(asked) is None:
        st.warning(
            f"Run `{asked}` does not exist or was removed; the newest run is shown.",
            icon=":material/warning:",
        )
        st.session_state.run = NEWEST
    chosen = st.selectbox(
        "Run", [NEWEST, *(run.run_id for run in runs.found)], key="run", bind="query-params"
    )
    run = latest if chosen == NEWEST else runs.named(chosen)
    if run is not None:
        _describe(run)
    return run


def choose_part(run: SeenRun) -> Part:
    """Let the user choose scenarios and years of a run's results."""
    part, years, scenarios = default_part(run), run.complete_years, run.scenarios
    left, right = st.columns([2, 1]) if len(scenarios) > 1 else [st.container()] * 2
    chosen = list(part.scenarios)
    if len(scenarios) > 1:
        chosen = left.multiselect(
            "Scenarios",
            scenarios,
            default=chosen,
            key=f"scenarios of {run.run_id}",
            persist_state="session",
            placeholder="All",
        )
    span = part.years
    if len(years) > 1:
        span = right.select_slider(
            "Years",
            years,
            value=span,
            format_func=partial(year_label, recorded_calendar(run.record)),
            key=f"years of {run.run_id}, {len(years)}",
            persist_state="session",
        )
    return Part(tuple(chosen or scenarios), span)


def state_badge(state: str) -> None:
    """Show a run's state as a coloured badge."""
    colour, icon = STATES.get(state, ("gray", ":material/info:"))
    st.badge(state, color=colour, icon=icon)  # type: ignore[arg-type] # one of its literals


def _rerun_on_changes(seen: Runs) -> None:
    """Rerun the page when a run appears, disappears, changes its state or publishes tables."""
    before = _states(seen)

    @st.fragment(run_every=CHECK_SECONDS)
    def check() -> None:
        if _states(read_runs(options().output)) != before:
            st.rerun()

    check()


def _states(runs: Runs) -> list[tuple[str, str, Stamp]]:
    states = []
    for run in runs.found:
        try:
            states.append((run.run_id, run.state, stamp_of(run.directory) if run.is_alive else ()))
        except OSError:  # removed meanwhile, which is a change too
            states.append((run.run_id, "removed", ()))
    return states


def _describe(run: SeenRun) -> None:
    """Show a run's key facts in one line."""
    record = run.record
    scenarios, replicates = len(run.scenarios), record.replicates
    facts = [
        *([escaped(name)] if (name := company_name(record)) else []),
        f"**{run.run_id}** of {datetime.fromisoformat(record.started_at):%Y-%m-%d %H:%M}",
        years_words(recorded_calendar(record), *record.years),
        f"{written(record.census.at_opening)} employees",
        f"{scenarios} scenario{'s' if scenarios > 1 else ''}",
        f"{replicates} replicate{'s' if replicates > 1 else ''}",
    ]
    currency = Money.of(record).currency
    if currency:
        facts.append(f"amounts in {escaped(currency)}")
    with st.container(horizontal=True, vertical_alignment="center"):
        state_badge(run.state)
        st.caption(", ".join(facts), width="stretch")
