"""What the figures rest on: settings, provenance, checks."""

import streamlit as st

from tasks.dashboard.choice import choose_run
from tasks.dashboard.data import Part, run_tables
from tasks.dashboard.parts import show_rows, with_faults_shown
from tasks.dashboard.runs import SeenRun
from tasks.text.markdown import escaped


def show() -> None:
    """The assumptions of a run, and where its figures come from."""
    run = choose_run(finished=True)
    if run is not None:
        _show(run)


@with_faults_shown
def _show(run: SeenRun) -> None:
    first, last = run.record.years
    tables = run_tables(run, Part(tuple(run.scenarios), (first - 1, last)), ("settings", "provenance"))
    settings = tables["settings"]
    st.subheader(escaped(settings.title))
    st.caption(escaped(f"{settings.note} Those that are not the defaults come first."))
    show_rows(settings)
    st.subheader(tables["provenance"].title)
    show_rows(tables["provenance"])
