"""Page Assumptions: the settings and the provenance of a run's figures."""

import streamlit as st

from tasks.dashboard.choice import choose_run
from tasks.dashboard.data import Part, run_tables
from tasks.dashboard.parts import faults_as_warnings, show_rows
from tasks.dashboard.runs import SeenRun
from tasks.text.markdown import escaped


def show() -> None:
    """Show the page: the settings of a run, and where its figures come from."""
    run = choose_run(finished=True)
    if run is not None:
        _show(run)


@faults_as_warnings
def _show(run: SeenRun) -> None:
    first, last = run.record.years
    tables = run_tables(run, Part(tuple(run.scenarios), (first - 1, last)), ("settings", "provenance"))
    settings = tables["settings"]
    st.subheader(escaped(settings.title))
    st.caption(escaped(f"{settings.note} Those that differ from the defaults come first."))
    show_rows(settings)
    st.subheader(tables["provenance"].title)
    show_rows(tables["provenance"])
