"""What the pages are made of: charts, tables, downloads, and a sentence where one of them cannot be shown."""

import functools
import logging
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec

import duckdb
import pandas as pd
import polars as pl
import streamlit as st
from pydantic import ValidationError

from settings.errors import InputError
from tasks.dashboard.data import without_small_groups
from tasks.dashboard.options import options
from tasks.dashboard.runs import SeenRun
from tasks.results.export import table_csv
from tasks.results.report.charts import charts_of, left_out
from tasks.results.report.marks import INK, SEGMENT, TOTAL, Spec
from tasks.results.report.page import WHOLE_FROM
from tasks.results.report.table import Table
from tasks.text.markdown import escaped

log = logging.getLogger("workforce")
P = ParamSpec("P")

# Of a chart's axes and legend, and of its title: Streamlit counts them as its height, the report does not.
AXES_HEIGHT, TITLE_HEIGHT = 60, 30

# What a chart has beside Streamlit's own theme, which brings font and colours, light or dark. The styles'
# grey is seen on both, since the server learns of a change of theme too late.
CHART_CONFIG: Spec = {
    "axisX": {"grid": False},
    "legend": {
        "orient": "top",
        "title": None,
        "labelLimit": 240,
    },
    "style": {
        INK: {"color": "#808080"},
        SEGMENT: {"strokeWidth": 0},
        TOTAL: {"color": "#808080", "opacity": 0.6},
    },
}
_FORMATS: dict[str, str] = {
    "year": "%d",
    "month": "YYYY-MM",
    "count": "localized",
    "figure": "localized",
    "number": "localized",
    "money": "localized",
    "share": "percent",
    "change": "percent",
}
_DECIMALS: dict[str, int] = {"count": 1, "figure": 1, "number": 2, "money": 0, "share": 4, "change": 4}


def with_faults_shown(
    show: Callable[Concatenate[SeenRun, P], None],
) -> Callable[Concatenate[SeenRun, P], None]:
    """Show a sentence in place of a part of a page that cannot be shown.

    Its run is gone, damaged or of another version of the program. A fragment needs the decorator itself, as
    it is run again without what is around it.
    """

    @functools.wraps(show)
    def shown_or_explained(run: SeenRun, /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            show(run, *args, **kwargs)
        except InputError as error:
            st.warning(str(error))
        except (OSError, duckdb.Error, pl.exceptions.PolarsError, KeyError, ValidationError) as error:
            if not run.directory.record.exists():
                st.warning(f"Run `{run.run_id}` was removed while it was read; choose another.")
                return
            log.warning("run %s cannot be shown: %s", run.run_id, error, exc_info=error)
            what = f"{type(error).__name__}: {str(error).splitlines()[0]}"
            st.warning(
                f"This part of run `{run.run_id}` cannot be shown: its files are damaged, or another version "
                f"of the program wrote them ({what}). Its report.html may still be read."
            )

    return shown_or_explained


def show_topic(table: Table | None, name: str) -> None:
    """A topic of the report: title, note, its charts, and its table to be opened and downloaded."""
    if table is None:
        return
    shown = table if options().show_pay else without_small_groups(table)
    st.subheader(escaped(table.title), anchor=table.key)
    st.caption(escaped(f"{table.note} {left_out(table)}"))
    show_charts(shown, table.title)
    show_table(shown, f"{name}-{table.key}")


def show_charts(table: Table, title: str) -> None:
    """The charts of a table, two beside each other: those of one figure for all scenarios, then the next."""
    charts = [(caption, _parts(spec)) for caption, spec in charts_of(table)]
    if len(charts) == 1:  # nothing to compare: its parts stand beside each other
        ((caption, parts),) = charts
        charts = [(caption, [part]) for part in parts]
    for same in zip(*(parts for _, parts in charts), strict=True):
        columns = st.columns(2) if len(same) > 1 else [st.container()]
        for place, ((caption, _), spec) in enumerate(zip(charts, same, strict=True)):
            with columns[place % len(columns)]:
                if caption:
                    st.markdown(f"**{caption}**")
                show_chart(spec, f"{title}, {caption}" if caption else title)


def show_chart(spec: Spec, described: str) -> None:
    """Draw a chart as wide as there is room."""
    layer = {name: value for name, value in spec.items() if name not in ("width", "height", "title")}
    # as a layer, data stay within the specification; otherwise Streamlit draws first without them
    legend = {**CHART_CONFIG["legend"], "columns": {"expr": f"max(1, floor(width / {_entry_width(spec)}))"}}
    config = {**CHART_CONFIG, "legend": legend}
    whole = {"height": spec["height"] + AXES_HEIGHT, "layer": [layer], "config": config}
    if "title" in spec:
        whole["title"] = spec["title"]
        whole["height"] += TITLE_HEIGHT
    st.vega_lite_chart(whole, width="stretch", alt=described)


def _entry_width(spec: Spec) -> int:
    """The room for an entry of the legend: a narrow screen would cut a row of too many off.

    Few and short names take few rows, which leaves the chart its height.
    """
    colours = [part.get("encoding", {}).get("color", {}) for part in (spec, *spec.get("layer", ()))]
    names = [str(name) for colour in colours for name in colour.get("scale", {}).get("domain", ())]
    return min(130, 36 + 7 * max(map(len, names), default=0))


def _parts(spec: Spec) -> list[Spec]:
    """The charts that the report joins into one, each by itself."""
    return list(spec.get("concat", [spec]))


@st.fragment
def show_table(table: Table, name: str) -> None:
    """A table that is sent when it is opened, and can be downloaded as CSV."""
    unfolded = st.expander("Table", key=f"table {name}", on_change="rerun", icon=":material/table:")
    if not unfolded.open:
        return
    with unfolded:
        show_rows(table)
        st.download_button(
            "CSV",
            lambda: table_csv(table),
            file_name=f"{name}.csv",
            mime="text/csv",
            icon=":material/download:",
            key=f"csv {name}",
            on_click="ignore",
        )


def show_rows(table: Table) -> None:
    """The rows of a table as a grid that can be sorted and searched."""
    columns = {
        heading: _column(column.kind, column.meaning)
        for heading, column in zip(table.headings, table.columns, strict=True)
    }
    rows = [[rounded(row[column.key], column.kind) for column in table.columns] for row in table.rows]
    st.dataframe(
        pd.DataFrame(rows, columns=list(columns)), hide_index=True, column_config=columns, placeholder="–"
    )


def show_downloads(run: SeenRun) -> None:
    """The files of a finished run."""
    directory = run.directory
    excel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    with st.container(horizontal=True):
        for label, file, mime in (
            ("Report", directory.report, "text/html"),
            ("Workbook", directory.workbook, excel),
        ):
            if file.exists():
                st.download_button(
                    f"{label} ({file.name})",
                    file.read_bytes,
                    file_name=f"{run.run_id}-{file.name}",
                    mime=mime,
                    icon=":material/download:",
                    key=f"download {file.name}",
                    on_click="ignore",
                )


def _column(kind: str, meaning: str) -> Any:
    make: Callable[..., Any] = st.column_config.NumberColumn
    if kind == "text":
        make = st.column_config.TextColumn
    if kind == "month":
        make = st.column_config.DateColumn
    return make(help=meaning, **({} if kind == "text" else {"format": _FORMATS[kind]}))


def rounded(value: Any, kind: str) -> Any:
    """A value of a table with as many decimals as its kind has; the grid shows no more."""
    if value is None or kind not in _DECIMALS:
        return value
    is_money = kind in ("figure", "number") and abs(value) >= WHOLE_FROM
    return round(float(value), 0 if is_money else _DECIMALS[kind])


def horizontal(facts: Sequence[tuple[str, str]]) -> None:
    """Figures beside one another, each with its name."""
    with st.container(horizontal=True):
        for name, value in facts:
            st.metric(name, escaped(value), border=True, width="stretch")
