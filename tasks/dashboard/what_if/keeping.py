"""What becomes of a what-if: a scenario file, or a real run and its progress. Nothing is written unasked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import streamlit as st

from settings.errors import InputError
from tasks.dashboard.options import options
from tasks.dashboard.runs import SeenRun, read_status
from tasks.dashboard.what_if import starting
from tasks.dashboard.what_if.controls import stay_with
from tasks.dashboard.what_if.saving import check_id, save, scenario_yaml
from tasks.dashboard.what_if.starting import OnServer, Started, Wanted
from tasks.runs.record import read_record
from tasks.studies.what_if import StartingPoint
from tasks.text.markdown import escaped

#: The parameter of the address with the id of the run that was started, so that a reload finds it.
STARTED = "started"
LOOK_SECONDS, SERVER_SECONDS = 1.0, 5.0
HERE, SERVER = "Here, on this machine", "By the deployment of the Prefect server"


def show_save(run: SeenRun, start: StartingPoint, overrides: Mapping[str, Any]) -> None:
    """Show the fields of a scenario file: download, or save into a folder."""
    with st.expander("Save as scenario", icon=":material/save:"):
        scenario_id, description = _named(run, start)
        try:
            text = scenario_yaml(scenario_id, description, {**start.scenario.overrides, **overrides})
        except InputError as error:
            st.error(escaped(str(error)))
            return
        st.code(text, language="yaml", height=240)
        st.download_button(
            "Download",
            text,
            file_name=f"{scenario_id}.yaml",
            mime="application/yaml",
            icon=":material/download:",
            on_click="ignore",
        )
        left, right = st.columns([3, 2], vertical_alignment="bottom")
        folder = left.text_input(
            "Folder",
            "scenarios",
            key="what-if folder",
            help=f"A folder in {Path.cwd()}",
            persist_state="session",
        )
        if right.button("Save into the folder", icon=":material/save:", width="stretch"):
            try:
                path = save(folder, scenario_id, text, Path())
            except InputError as error:
                st.error(escaped(str(error)))
            else:
                st.success(f"Saved as `{path}`. Run it with `workforce run --scenario {path}`.")


def show_run_for_good(run: SeenRun, start: StartingPoint, overrides: Mapping[str, Any]) -> None:
    """Show the button that starts a real run of baseline and what-if, and the progress of the newest one."""
    unfolded = st.expander(
        "Run it for good",
        icon=":material/play_arrow:",
        expanded=STARTED in st.query_params,
        key="what-if run for good",
        on_change="rerun",
    )
    if not unfolded.open:
        return
    with unfolded:
        st.caption(
            f"A run with every check, table and report: scenario {escaped(start.scenario.id)} and the "
            f"what-if, {start.base.simulation.replicates} replicates each, as in run {escaped(run.run_id)}. "
            "It appears among the runs of this directory."
        )
        scenario_id, description = _named(run, start, key=" for good")
        server = starting.server_address()
        where = st.radio("Where", [HERE, SERVER], key="what-if where") if server else HERE
        if st.button(
            "Start the run",
            type="primary",
            icon=":material/play_arrow:",
            disabled=not overrides,
            on_click=stay_with,
            args=[run.run_id],
        ):
            wanted = Wanted(
                start,
                run.record,
                run.directory,
                options().output,
                scenario_id,
                description,
                {**start.scenario.overrides, **overrides},
            )
            try:
                check_id(scenario_id)
                if where == HERE:
                    st.query_params[STARTED] = starting.start_here(wanted).run_id
                else:
                    st.query_params[STARTED] = starting.start_by_deployment(wanted)
            except InputError as error:
                st.error(f"The run was not started.\n\n```\n{error}\n```")
            else:
                st.rerun()  # the whole page, whose choice of the run is then part of the address
        if not overrides:
            st.caption("Move a lever first: so far the what-if is the baseline.")
        if STARTED in st.query_params:
            started = Started(options().output, st.query_params[STARTED])
            if started.is_known:
                st.fragment(_follow, run_every=LOOK_SECONDS if _is_open(started) else None)(started)


def _named(run: SeenRun, start: StartingPoint, key: str = "") -> tuple[str, str]:
    """Let the user name the scenario."""
    scenario_id = st.text_input(
        "Id",
        "what-if",
        max_chars=64,
        key=f"what-if id{key}",
        help="1 to 64 of a-z, 0-9, _ and -",
        persist_state="session",
    )
    description = st.text_input(
        "Description",
        f"{start.scenario.id} of run {run.run_id} with other levers",
        key=f"what-if description{key} of {run.run_id}/{start.scenario.id}",
        persist_state="session",
    )
    return scenario_id, description


def _is_open(started: Started) -> bool:
    """Return whether the run is not over, as far as its files say."""
    if started.is_at_work:
        return True
    return _status(started) in ("running", "waiting")


def _status(started: Started) -> str:
    try:
        return read_record(started.directory).status
    except FileNotFoundError:
        return "waiting" if not started.log.exists() else "failed"
    except InputError:
        return "failed"


def _follow(started: Started) -> None:
    """Show the progress of a run, and what became of it."""
    status, is_at_work = _status(started), started.is_at_work
    if status == "complete" and not is_at_work:
        st.success(f"Run `{started.run_id}` is complete. Choose it above to see its results.")
        return
    if started.was_ended and not is_at_work:
        again = "" if status == "failed" else f" `workforce run --resume {started.run_id}` goes on with it."
        st.info(f"Run `{started.run_id}` was stopped.{again}")
        return
    waits = "is waiting to start"
    if started.flow_run is not None:  # it may wait for a worker, or die without a word
        found = _on_server(started.flow_run)
        if found.is_over:
            st.error(f"Run `{started.run_id}` was not completed. {escaped(found.text)}")
            return
        waits = escaped(found.text)
    if is_at_work or status in ("running", "waiting"):
        seen = read_status(started.directory)
        if not is_at_work and started.log.exists():  # its process died without a word
            st.error(f"Run `{started.run_id}` was interrupted.\n\n```\n{started.last_lines()}\n```")
            return
        years = None if seen is None else range(seen.years[0], seen.years[1] + 1)
        share = 0.0 if seen is None or years is None else len(seen.complete_years) / len(years)
        doing = waits if seen is None else f"{seen.doing or 'between two steps'}"
        st.progress(share, f"Run `{started.run_id}`: {doing}")
        if started.can_be_ended and st.button("Stop the run", icon=":material/stop:"):
            started.end()
        return
    st.error(f"Run `{started.run_id}` ended as {status}.\n\n```\n{started.last_lines()}\n```")


@st.cache_data(ttl=SERVER_SECONDS, show_spinner=False)
def _on_server(flow_run: UUID) -> OnServer:
    """Return what the server says, asked once in SERVER_SECONDS for all visitors."""
    return starting.on_server(flow_run)
