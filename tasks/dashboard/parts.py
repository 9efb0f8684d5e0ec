"""Parts of pages: charts, tables, downloads, and a warning in place of a part that cannot be shown."""

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
from tasks.dashboard.charts.items import Charts
from tasks.dashboard.charts.topics import note_of, overlaid
from tasks.dashboard.data import without_small_groups
from tasks.dashboard.options import options
from tasks.dashboard.runs import SeenRun
from tasks.results.drill import CostDiffers
from tasks.results.export import table_csv
from tasks.results.hazards import RecomputedOtherwise
from tasks.results.report.charts import charts_of, left_out
from tasks.results.report.html import ROUNDED_FROM
from tasks.results.report.marks import INK, SEGMENT, TOTAL, Spec
from tasks.results.report.table import Table
from tasks.runs.company import in_number_format
from tasks.text.markdown import escaped
from tasks.text.numbers import number_format

log = logging.getLogger("workforce")
P = ParamSpec("P")

SMALL_CHART = 150  # pixels of height up to which three charts are beside each other
# Pixels of a chart's axes and legend, and of its title. Streamlit counts them as part of its height.
AXES_HEIGHT, TITLE_HEIGHT = 60, 30
# Pixels more where bars have names, which a smaller chart would write over one another: of the
# axis, and of each entry of the legend after the first, which a small screen puts in a row of its own.
NAMES_HEIGHT, ENTRY_HEIGHT = 44, 20

# A chart's configuration beyond Streamlit's theme, which sets font and colours. The styles use a grey that is
# visible on light and dark pages, because the server learns too late which one the visitor chose.
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
    "date": "YYYY-MM-DD",
    "count": "localized",
    "figure": "localized",
    "number": "localized",
    "money": "localized",
    "share": "percent",
    "change": "percent",
}
_DECIMALS: dict[str, int] = {"count": 1, "figure": 1, "number": 2, "money": 0, "share": 4, "change": 4}


def faults_as_warnings(
    show: Callable[Concatenate[SeenRun, P], None],
) -> Callable[Concatenate[SeenRun, P], None]:
    """Decorate a part of a page: it writes numbers as its run's settings say.

    If its run cannot be read, show a warning in its place.
    Runs may be removed, damaged or written by another version of the program, and events may contradict the
    settings. A fragment needs its own decorator, because Streamlit reruns it without the code around it.
    """

    @functools.wraps(show)
    def shown_or_warned(run: SeenRun, /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            with in_number_format(run.record):
                show(run, *args, **kwargs)
        except InputError as error:
            st.warning(str(error))
        except (RecomputedOtherwise, CostDiffers) as error:
            log.warning("run %s cannot be shown: %s", run.run_id, error)
            st.warning(f"This part of run `{run.run_id}` cannot be shown. {escaped(str(error))}.")
        except (OSError, duckdb.Error, pl.exceptions.PolarsError, KeyError, ValidationError) as error:
            if not run.directory.record.exists():
                st.warning(f"Run `{run.run_id}` was removed while it was read; choose another run.")
                return
            log.warning("run %s cannot be shown: %s", run.run_id, error, exc_info=error)
            reason = f"{type(error).__name__}: {str(error).splitlines()[0]}"
            st.warning(
                f"This part of run `{run.run_id}` cannot be shown: its files are damaged, or another version "
                f"of the program wrote them ({reason}). Its report.html may still be readable."
            )

    return shown_or_warned


def show_topic(table: Table | None, name: str) -> None:
    """Show a topic of the report: title, note, charts, and a table that can be opened and downloaded."""
    if table is None:
        return
    shown = without_pay_of_few(table)
    st.subheader(escaped(table.title), anchor=table.key)
    drawn = overlaid(shown)
    st.caption(escaped(f"{table.note if drawn is None else note_of(table)} {left_out(table)}"))
    if drawn is None:
        show_charts(shown, table.title)
    else:
        _show_overlaid(drawn, table.title)
    show_table(shown, f"{name}-{table.key}")


def show_charts(table: Table, title: str) -> None:
    """Show the charts of a table in two columns: one figure for all scenarios, then the next figure."""
    charts = [(caption, _parts(spec)) for caption, spec in charts_of(table)]
    if len(charts) == 1:  # no scenarios to compare: place its parts side by side
        ((caption, parts),) = charts
        charts = [(caption, [part]) for part in parts]
    for same in zip(*(parts for _, parts in charts), strict=True):
        columns = st.columns(2) if len(same) > 1 else [st.container()]
        for place, ((caption, _), spec) in enumerate(zip(charts, same, strict=True)):
            with columns[place % len(columns)]:
                if caption:
                    st.markdown(f"**{caption}**")
                show_chart(spec, f"{title}, {caption}" if caption else title)


def _show_overlaid(charts: Charts, title: str) -> None:
    """Show charts of all scenarios in rows of two, or three if all are small."""
    in_a_row = 3 if all(spec["height"] <= SMALL_CHART for _, spec in charts) else 2
    for start in range(0, len(charts), in_a_row):
        row = charts[start : start + in_a_row]
        for column, (caption, spec) in zip(st.columns(in_a_row), row, strict=False):
            with column:
                st.markdown(f"**{escaped(caption)}**")
                show_chart(spec, f"{title}, {caption}")


def show_chart(spec: Spec, described: str, picked: tuple[str, Callable[[], None]] | None = None) -> None:
    """Draw a chart in the full width available.

    `picked` are a key and what is called when a mark is clicked on, in a chart whose marks can be selected.
    """
    layer = {name: value for name, value in spec.items() if name not in ("width", "height", "title")}
    # in a layer, data stay in the specification; otherwise Streamlit first draws the chart without them
    legend = {**CHART_CONFIG["legend"], "columns": {"expr": f"max(1, floor(width / {_entry_width(spec)}))"}}
    config = {**CHART_CONFIG, "legend": legend, "locale": {"number": number_format().vega}}
    height = spec["height"] + AXES_HEIGHT + _names_height(spec)
    drawn = {"height": height, "layer": [layer], "config": config}
    if "title" in spec:
        drawn["title"] = spec["title"]
        drawn["height"] += TITLE_HEIGHT
    chosen: dict[str, Any] = {"key": picked[0], "on_select": picked[1]} if picked else {}
    st.vega_lite_chart(drawn, width="stretch", alt=described, **chosen)


def _entry_width(spec: Spec) -> int:
    """Return the width in pixels of a legend entry, from which the number of entries per row follows.

    A narrow screen would cut off a row with too many entries; with too few, the legend would take the chart's
    height.
    """
    return min(130, 36 + 7 * max(map(len, _entries(spec)), default=0))


def _names_height(spec: Spec) -> int:
    """Return what a chart needs besides its bars, so that they keep their height; 0 if they have no names."""
    named = [part.get("encoding", {}).get("y", {}).get("type") == "nominal" for part in _marks(spec)]
    return NAMES_HEIGHT + ENTRY_HEIGHT * max(len(_entries(spec)) - 1, 0) if any(named) else 0


def _entries(spec: Spec) -> list[str]:
    colours = [part.get("encoding", {}).get("color", {}) for part in _marks(spec)]
    names = [str(name) for colour in colours for name in colour.get("scale", {}).get("domain", ())]
    return list(dict.fromkeys(names))


def _marks(spec: Spec) -> list[Spec]:
    return [spec, *spec.get("layer", ())]


def _parts(spec: Spec) -> list[Spec]:
    """Return the separate charts that the report joins into one."""
    return list(spec.get("concat", [spec]))


@st.fragment
def show_table(table: Table, name: str, *, unfolded: bool = False) -> None:
    """Show a table that is sent when it is opened, and that can be downloaded as CSV."""
    fold = st.expander(
        "Table", key=f"table {name}", on_change="rerun", icon=":material/table:", expanded=unfolded
    )
    if not fold.open:
        return
    with fold:
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


def without_pay_of_few(table: Table) -> Table:
    """Return the table as visitors may see it: without pay of small groups, unless the option shows it."""
    return table if options().show_pay else without_small_groups(table)


def show_rows(table: Table) -> None:
    """Show the rows of a table as a grid that can be sorted and searched."""
    columns = {
        heading: _column(column.kind, column.meaning)
        for heading, column in zip(table.headings, table.columns, strict=True)
    }
    rows = [[rounded(row[column.key], column.kind) for column in table.columns] for row in table.rows]
    st.dataframe(
        pd.DataFrame(rows, columns=list(columns)), hide_index=True, column_config=columns, placeholder="–"
    )


def show_downloads(run: SeenRun) -> None:
    """Show download buttons for the files of a finished run."""
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
    if kind in ("month", "date"):
        make = st.column_config.DateColumn
    return make(help=meaning, **({} if kind == "text" else {"format": _FORMATS[kind]}))


def rounded(value: Any, kind: str) -> Any:
    """Return a value rounded to the decimals of its kind, which the grid then shows."""
    if value is None or kind not in _DECIMALS:
        return value
    is_money = kind in ("figure", "number") and abs(value) >= ROUNDED_FROM
    return round(float(value), 0 if is_money else _DECIMALS[kind])


def horizontal(facts: Sequence[tuple[str, str]]) -> None:
    """Show figures side by side, each with its name."""
    with st.container(horizontal=True):
        for name, value in facts:
            st.metric(name, escaped(value), border=True, width="stretch")
