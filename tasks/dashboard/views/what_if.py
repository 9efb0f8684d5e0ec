"""Page What-if: move a lever, and see the figures against a scenario of a finished run."""

import math
import time
from functools import lru_cache

import polars as pl
import streamlit as st

from settings import Scenario
from settings.errors import InputError
from tasks.dashboard.choice import choose_run
from tasks.dashboard.data import summary_of
from tasks.dashboard.options import options
from tasks.dashboard.parts import faults_as_warnings, show_chart, show_table
from tasks.dashboard.runs import SeenRun, Stamp, stamp_of
from tasks.dashboard.what_if.controls import Levers
from tasks.dashboard.what_if.keeping import show_run_for_good, show_save
from tasks.dashboard.what_if.levers import levers_of, overrides_of
from tasks.dashboard.what_if.outcome import Outcome, charts, key_figures, sentence, table
from tasks.dashboard.what_if.simulator import Bands, Question, simulator
from tasks.runs.calendar import recorded_calendar
from tasks.runs.directory import RunDirectory
from tasks.runs.resume import RunDamaged
from tasks.simulation.prepared import Cancelled
from tasks.studies.what_if import StartingPoint, figures
from tasks.text.markdown import escaped
from tasks.text.money import Money
from tasks.text.numbers import written

#: Seconds between two looks at a simulation, and until its progress is shown.
LOOK_SECONDS, PATIENCE_SECONDS = 0.25, 1.5
#: Seconds between two looks at the bands.
BANDS_SECONDS = 1.0
#: Replicates of the bands, and the employees that are simulated together, which takes about a second.
REPLICATES = (20, 50, 100)
AT_ONCE = 20_000
#: With more employees, bands are simulated only when asked for.
BANDS_UNASKED_UNTIL = 30_000
#: Before anything was measured: seconds per employee and year, and of planning the statements.
SECONDS_PER_EMPLOYEE_YEAR, SECONDS_OF_PLANNING = 2e-5, 4.0
#: What bands depend on: starting point, overrides as text, number of replicates.
BandsKey = tuple[StartingPoint, str, int]
BANDS, WANTED, COMPUTED = "what-if bands", "what-if bands wanted", "what-if computed"


def show() -> None:
    """Show the page: the choice of run and scenario, the levers, and what they do."""
    run = choose_run(finished=True)
    if run is None:
        return
    if run.state != "complete":
        st.info(f"Run `{run.run_id}` is {run.state}; a what-if begins with a finished run. Choose one above.")
        return
    _show(run)


@faults_as_warnings
def _show(run: SeenRun) -> None:
    scenarios = run.scenarios
    scenario_id = scenarios[0]
    if len(scenarios) > 1:
        scenario_id = st.selectbox(
            "Scenario from which the levers start",
            scenarios,
            key=f"what-if scenario of {run.run_id}",
            persist_state="session",
        )
    try:
        start = _start(run.directory, stamp_of(run.directory), scenario_id)
    except RunDamaged as error:
        st.warning(escaped(str(error)))
        return
    _page(run, start)


@lru_cache(maxsize=4)
def _start(directory: RunDirectory, _stamp: Stamp, scenario_id: str) -> StartingPoint:
    """Return a starting point, which no visitor can change; cached until the run changes."""
    return StartingPoint.of(directory, scenario_id)


@st.fragment
@faults_as_warnings
def _page(run: SeenRun, start: StartingPoint) -> None:
    """Show levers and figures. A fragment, so that a lever does not run the rest of the page again."""
    levers = Levers(
        run.run_id, start.scenario.id, levers_of(start.scenario.settings), recorded_calendar(run.record)
    )
    answer = st.container()
    left, right = st.columns([1, 2], gap="large")
    with left:
        levers.show()
    overrides = overrides_of(start.scenario.settings, list(levers.levers), levers.moves)
    try:
        scenario = start.changed(overrides)
    except InputError as error:
        with answer:
            st.error(f"The settings do not allow this; the figures are not computed.\n\n```\n{error}\n```")
        return
    baseline = _baseline(run, start)
    with answer:
        place = st.container()  # of the figures; what is below it shows the progress
        _cancel_other_bands(_bands_key(start, scenario))
        question = simulator().ask(start, scenario, start.first_replicate)
        rows = _answer(question, start, levers)
    if rows is None:
        with answer:
            st.info("Cancelled: move a lever to compute again.", icon=":material/cancel:")
        return
    st.session_state[COMPUTED] = levers.subject, dict(levers.moves)
    kept: tuple[BandsKey, Bands] | None = st.session_state.get(BANDS)  # of this move, or none
    bands = kept[1] if kept is not None and _are_ready(kept[1]) else None
    outcome = Outcome(
        start.scenario.id,
        baseline,
        rows,
        Money.of(run.record),
        recorded_calendar(run.record),
        options().show_pay,
        None if bands is None else bands.rows(),
    )
    with place:
        _show_answer(outcome)
        if run.record.replicates > 1:
            st.caption(
                f"Of replicate {start.first_replicate.start} on both sides; other pages show the mean of "
                f"{written(run.record.replicates)} replicates."
            )
    with right:
        _show_bands_state(bands, start, scenario)
        _show_details(outcome, run)
        show_save(run, start, overrides)
        show_run_for_good(run, start, overrides)


def _baseline(run: SeenRun, start: StartingPoint) -> pl.DataFrame:
    """Return the figures that the run published, of its first replicate."""
    summary = summary_of(run)
    return figures(summary.filter(scenario_id=start.scenario.id, replicate=start.first_replicate.start))


def _answer(question: Question, start: StartingPoint, levers: Levers) -> pl.DataFrame | None:
    """Wait for the figures, show the progress if it takes longer; None if it was cancelled.

    A further move stops this script at the next thing that it shows, and so cancels the question.
    """
    if question.wait(PATIENCE_SECONDS):
        return question.result()
    employees, expected = start.census.employees.height, _expected_seconds(start)
    progress, button = st.empty(), st.empty()
    button.button("Cancel", icon=":material/cancel:", on_click=_cancel, args=[levers], key="what-if cancel")
    try:
        while not question.wait(LOOK_SECONDS):
            waiting = simulator().ahead_of(question)
            if question.began is None:
                text = f"Waiting: {waiting} simulation{'s' if waiting != 1 else ''} of other visitors first"
            else:
                text = (
                    f"Simulating {written(employees)} employees: {question.share:.0%} of the years, "
                    f"{time.monotonic() - question.began:.0f} s of about {expected:.0f} s"
                )
            progress.progress(min(question.share, 1.0), text)
    finally:
        if not question.done.is_set():
            simulator().cancel(question)
    progress.empty()
    button.empty()
    try:
        return question.result()
    except Cancelled:
        return None


def _expected_seconds(start: StartingPoint) -> float:
    years = len(start.scenario.settings.simulation.years)
    estimated = SECONDS_OF_PLANNING + SECONDS_PER_EMPLOYEE_YEAR * start.census.employees.height * years
    return max(1.0, simulator().seconds_of(start) or estimated)


def _cancel(levers: Levers) -> None:
    """Put the levers back to where they stood when figures were last computed."""
    subject, moves = st.session_state.get(COMPUTED, ("", {}))
    levers.put(moves if subject == levers.subject else {})


def _bands(start: StartingPoint, scenario: Scenario) -> Bands:
    """Return the bands of this move, asked for if they are new."""
    key = _bands_key(start, scenario)
    kept: tuple[BandsKey, Bands] | None = st.session_state.get(BANDS)
    if kept is not None and kept[0] == key and not kept[1].is_cancelled:
        return kept[1]
    number = key[2]
    bands = Bands.ask(simulator(), start, scenario, number, _at_once(start))
    st.session_state[BANDS] = key, bands
    return bands


def _at_once(start: StartingPoint) -> int:
    """Return how many replicates are simulated together."""
    return max(1, AT_ONCE // max(1, start.census.employees.height))


def _bands_key(start: StartingPoint, scenario: Scenario) -> BandsKey:
    """Return what the bands depend on: starting point, overrides, and how many replicates are wanted."""
    subject, number = st.session_state.get(WANTED, ("", 0))
    if subject != _subject(start):
        few = start.census.employees.height <= BANDS_UNASKED_UNTIL
        number = REPLICATES[0] if few else 0
    return start, repr(scenario.overrides), number


def _cancel_other_bands(key: BandsKey) -> None:
    """Cancel the bands of an older move, which would slow this one."""
    kept: tuple[BandsKey, Bands] | None = st.session_state.get(BANDS)
    if kept is not None and kept[0] != key:
        kept[1].cancel()
        del st.session_state[BANDS]


def _are_ready(bands: Bands) -> bool:
    done, parts = bands.look()
    return done == parts and not bands.is_cancelled


def _show_answer(outcome: Outcome) -> None:
    st.markdown(f"**{escaped(sentence(outcome))}**")
    with st.container(horizontal=True):
        for label, value, difference, meaning in key_figures(outcome):
            st.metric(
                escaped(label),
                escaped(value),
                escaped(difference) or None,
                delta_color="off",
                delta_arrow="off",
                border=True,
                help=meaning,
                width="stretch",
            )


def _show_bands_state(bands: Bands | None, start: StartingPoint, scenario: Scenario) -> None:
    """Say which replicates the figures are of; ask for the bands, and follow them until they are there."""
    first = start.first_replicate.start
    of_one = f"Figures are of replicate {first}, with the same draws in both"
    wanted = _bands_key(start, scenario)[2]
    if not wanted:
        st.caption(f"{of_one}. Bands over replicates are not computed.")
        _offer_bands(start, scenario, REPLICATES[0])
        return
    if bands is not None:
        number = bands.parts[-1][0].replicates.stop - first
        st.caption(f"{of_one}. Bands: 5 % to 95 % of {number} replicates.")
        more = [one for one in REPLICATES if one > number]
        if more:
            _offer_bands(start, scenario, more[0])
        return
    waiting = st.fragment(_follow, run_every=BANDS_SECONDS)
    waiting(start, scenario, of_one, time.monotonic())


def _offer_bands(start: StartingPoint, scenario: Scenario, number: int) -> None:
    """Show the button that asks for the bands of so many replicates, and says how long they take."""
    seconds = 2 * math.ceil(number / _at_once(start)) * _expected_seconds(start)
    long = f" (about {seconds / 60:.0f} min)" if seconds >= 60 else ""
    st.button(
        f"Bands of {number} replicates{long}",
        icon=":material/stacked_line_chart:",
        on_click=_want_bands,
        args=[start, scenario, number],
    )


def _want_bands(start: StartingPoint, scenario: Scenario, number: int) -> None:
    st.session_state[WANTED] = _subject(start), number
    _cancel_other_bands(_bands_key(start, scenario))
    _bands(start, scenario)


def _follow(start: StartingPoint, scenario: Scenario, of_one: str, moved_at: float) -> None:
    """Show how far the bands are. They begin only after a while without a move, which they would slow."""
    done, parts = 0, 1
    if time.monotonic() - moved_at > BANDS_SECONDS / 2:
        done, parts = _bands(start, scenario).look()
        if done == parts:
            st.rerun()
    st.caption(f"{of_one}. Bands: computing, {done / parts:.0%} done; the levers can be moved meanwhile.")


def _subject(start: StartingPoint) -> str:
    return f"{start.run_id}/{start.scenario.id}"


def _show_details(outcome: Outcome, run: SeenRun) -> None:
    drawn = charts(outcome)
    for begin in range(0, len(drawn), 2):
        for column, (title, spec) in zip(st.columns(2), drawn[begin : begin + 2], strict=False):
            with column:
                show_chart(spec, f"{title}: {outcome.name} and what-if")
    show_table(table(outcome), f"{run.run_id}-what-if")
