"""The filter bar of all pages: run, scenarios, years, levels, values of dimensions, and the breakdown."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

import streamlit as st

from settings.models.calendar import FiscalCalendar
from tasks.dashboard.data import Part, default_part, values_of
from tasks.dashboard.link import asked, keep, pick_many, pick_one
from tasks.dashboard.options import options
from tasks.dashboard.runs import Runs, SeenRun, Stamp, newest, read_runs, stamp_of
from tasks.runs.calendar import recorded_calendar
from tasks.runs.company import company_name, in_number_format
from tasks.text.calendar import year_label, years_words
from tasks.text.markdown import escaped
from tasks.text.money import Money
from tasks.text.numbers import written

CHECK_SECONDS = 3.0  # how often a page checks for new or changed runs
NEWEST = "newest"
NOTHING = "nothing"  # that figures are broken down by
MOST_SCENARIOS, MOST_LETTERS = 3, 60  # of a run's description in the list of runs
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
    wanted = next(iter(asked("run")), NEWEST)
    if wanted != NEWEST and runs.named(wanted) is None:
        st.warning(
            f"Run `{wanted}` does not exist or was removed; the newest run is shown.",
            icon=":material/warning:",
        )
        keep("run", [])
    kind = "finished run" if finished else "run"
    words = {NEWEST: f"Newest {kind}: {name_of(latest)}", **{run.run_id: name_of(run) for run in runs.found}}
    chosen = pick_one("Run", list(words), "run", words=words.__getitem__)
    run = latest if chosen == NEWEST else runs.named(chosen)
    if run is not None:
        _describe(run)
    return run


def name_of(run: SeenRun) -> str:
    """Return the words by which users find a run: when it began, what it is, its state and its id."""
    began = datetime.fromisoformat(run.record.started_at)
    return f"{began:%Y-%m-%d %H:%M}, {_purpose(run)}, {run.state} ({run.run_id})"


def choose_part(run: SeenRun) -> Part:
    """Let the user choose scenarios, years, levels and dimension values of a run's results."""
    part, years, scenarios = default_part(run), run.complete_years, run.scenarios
    calendar = recorded_calendar(run.record)
    chosen = part.scenarios
    bar = st.container(horizontal=True, key="bar")  # wraps on a small screen
    if len(scenarios) > 1:
        with bar.container(width=420):
            chosen = pick_many("Scenarios", scenarios, "scenarios", default=part.scenarios) or part.scenarios
    words = partial(_year_words, calendar)
    with bar.container(width=150):
        first = pick_one("First year", years, "from", words=words)
    with bar.container(width=150):
        later = [year for year in years if year >= first]
        last = pick_one("Last year", later, "to", default=later[-1], words=words)
    values = values_of(run)
    with bar.container(width=220):
        pick_one(
            "Break down by",
            [NOTHING, *values],
            "by",
            explained="Shows every figure by level, or by the values of a dimension, over the years",
        )
    in_order = tuple(scenario for scenario in scenarios if scenario in chosen)
    return Part(in_order, (first, last), _choose_slices(values))


def breakdown_of(run: SeenRun) -> str | None:
    """Return the level or dimension by which figures are broken down; None for the total."""
    by = next(iter(asked("by")), NOTHING)
    return by if by in values_of(run) else None


def _choose_slices(values: Mapping[str, list[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Let the user choose levels and values of dimensions; those not chosen are left out of the result."""
    in_address = {name: [each for each in asked(f"is.{name}") if each in values[name]] for name in values}
    said = [f"{name} {', '.join(those)}" for name, those in in_address.items() if those]
    label = f"Only {escaped('; '.join(said))}" if said else f"Everybody: choose {', '.join(values)}"
    slices = []
    fold = st.expander(label, key="slices", expanded=bool(said), icon=":material/filter_alt:")
    with fold, st.container(horizontal=True):
        for name, choices in values.items():
            with st.container(width=280):
                chosen = pick_many(name.capitalize(), choices, f"is.{name}")
            if chosen:
                slices.append((name, chosen))
    return tuple(slices)


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


def _year_words(calendar: FiscalCalendar, year: int) -> str:
    return str(year_label(calendar, year))


def _purpose(run: SeenRun) -> str:
    """Return what a run is about: the scenarios' descriptions, or their ids."""
    texts = list(dict.fromkeys(entry.description or entry.id for entry in run.record.scenarios))
    words = ", ".join(texts[:MOST_SCENARIOS])
    if len(texts) > MOST_SCENARIOS:
        words += f" and {len(texts) - MOST_SCENARIOS} more"
    return words if len(words) <= MOST_LETTERS else f"{words[: MOST_LETTERS - 1]}…"


def _describe(run: SeenRun) -> None:
    """Show a run's key facts in one line."""
    record = run.record
    scenarios, replicates = len(run.scenarios), record.replicates
    with in_number_format(record):
        employees = written(record.census.at_opening)
    facts = [
        *([escaped(name)] if (name := company_name(record)) else []),
        f"**{run.run_id}** of {datetime.fromisoformat(record.started_at):%Y-%m-%d %H:%M}",
        years_words(recorded_calendar(record), *record.years),
        f"{employees} employees",
        f"{scenarios} scenario{'s' if scenarios > 1 else ''}",
        f"{replicates} replicate{'s' if replicates > 1 else ''}",
    ]
    currency = Money.of(record).currency
    if currency:
        facts.append(f"amounts in {escaped(currency)}")
    with st.container(horizontal=True, vertical_alignment="center"):
        state_badge(run.state)
        st.caption(", ".join(facts), width="stretch")
