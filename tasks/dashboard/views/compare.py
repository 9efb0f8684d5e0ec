"""Page Compare: two runs beside each other, in their key figures, over the years, and in their input."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import polars as pl
import streamlit as st

from settings.loading.problems import text_of
from settings.models.calendar import FiscalCalendar
from tasks.dashboard.cells import EVERYBODY
from tasks.dashboard.charts.overlaid import by_scenario, difference_words
from tasks.dashboard.choice import NOTHING, choose_run, name_of
from tasks.dashboard.data import comparison_of, values_of, without_small_groups
from tasks.dashboard.key_figures import KEY_FIGURES, KeyFigure
from tasks.dashboard.link import pick_one
from tasks.dashboard.options import options
from tasks.dashboard.parts import faults_as_warnings, show_chart, show_table
from tasks.dashboard.runs import SeenRun, read_runs
from tasks.results.report.table import Column, Row, Table
from tasks.studies.run_compare import common_calendar, common_money, record_to_compare, what_differs
from tasks.text.calendar import year_label
from tasks.text.markdown import escaped
from tasks.text.money import PLAIN, Money


def show() -> None:
    """Show the page: the choice of two runs, then their differences."""
    run = choose_run(finished=True)
    if run is not None:
        _show(run)


@faults_as_warnings
def _show(run: SeenRun) -> None:
    others = {
        other.run_id: other
        for other in read_runs(options().output).found
        if other.run_id != run.run_id and other.complete_years
    }
    if not others or not run.complete_years:
        st.info("There is no second run with a complete year to compare with.")
        return
    with st.container(horizontal=True):
        first = others[
            pick_one("Compare with", list(others), "with", words=lambda name: name_of(others[name]))
        ]
        by = pick_one("Break down by", [NOTHING, *values_of(run)], "by")
    found, note = comparison_of(first, run, None if by == NOTHING else by)
    scenario = pick_one("Scenario", list(found), "of") if len(found) > 1 else next(iter(found))
    records = record_to_compare(first.directory), record_to_compare(run.directory)
    money, on_currencies = common_money(*records)
    calendar, on_years = common_calendar(*records)
    if on_others := " ".join(filter(None, (on_currencies, on_years))):
        st.info(escaped(on_others))
    _Comparison(found[scenario], (first.run_id, run.run_id), scenario, calendar, money or PLAIN).show(by)
    if note:
        st.caption(escaped(note))
    _input(what_differs(*records), first.run_id, run.run_id)


class _Comparison:
    """One scenario's figures in two runs, with the columns of `compare_runs`."""

    def __init__(
        self,
        found: pl.DataFrame,
        runs: tuple[str, str],
        scenario: str,
        calendar: FiscalCalendar,
        money: Money,
    ) -> None:
        """Take the ids of both runs in the order of the comparison."""
        self._found, self._runs, self._scenario = found, runs, scenario
        self._calendar, self._money = calendar, money

    def show(self, by: str) -> None:
        """Show the last common year, then the years: in total as charts, by item as a table."""
        last = self._found["simulation_year"].max()
        st.subheader(escaped(f"{self._runs[1]} against {self._runs[0]}, scenario {self._scenario}"))
        if by == NOTHING:
            self._key_figures(last)
            self._charts()
        self._table(by)

    def _key_figures(self, last: Any) -> None:
        lines = []
        for figure in KEY_FIGURES:
            cell = self._cells(figure).filter(simulation_year=last)
            if not cell.height:
                continue
            row = cell.row(0, named=True)
            measure = figure.measure(self._money)
            lines.append(
                {
                    "Key figure": f"{figure.title}, {year_label(self._calendar, last)}",
                    escaped(self._runs[0]): escaped(measure.text(row["baseline"])),
                    escaped(self._runs[1]): f"**{escaped(measure.text(row['scenario']))}**",
                    "Difference": escaped(
                        difference_words(row["scenario"], row["baseline"], figure, measure)
                    ),
                }
            )
        st.table(pd.DataFrame(lines), hide_index=True, border="horizontal", alt="Key figures of two runs")

    def _charts(self) -> None:
        figures = [figure for figure in KEY_FIGURES if self._cells(figure).height]
        for start in range(0, len(figures), 2):
            for place, figure in zip(st.columns(2), figures[start : start + 2], strict=False):
                rows = self._rows(figure)
                spec = by_scenario(
                    rows,
                    rows,
                    figure,
                    self._money,
                    baseline=self._runs[0],
                    height=200,
                    by="Run",
                    clickable=False,
                )
                with place:
                    title = figure.measure(self._money).title
                    st.markdown(f"**{escaped(title)}**")
                    show_chart(spec, f"{title} of two runs")

    def _cells(self, figure: KeyFigure) -> pl.DataFrame:
        return self._found.filter(pl.col("scenario").is_not_null(), figure=figure.key)

    def _rows(self, figure: KeyFigure) -> list[Row]:
        """Return a row per year and run with the figure, as `figures_by` names its keys."""
        return [
            {
                "scenario_id": run,
                "simulation_year": year_label(self._calendar, row["simulation_year"]),
                "item": EVERYBODY,
                figure.key: row[side],
            }
            for row in self._cells(figure).sort("simulation_year").iter_rows(named=True)
            for run, side in zip(self._runs, ("baseline", "scenario"), strict=True)
        ]

    def _table(self, by: str) -> None:
        """Show the figures of both runs by year, and by item if there are items."""
        shown = [figure for figure in KEY_FIGURES if self._cells(figure).height]
        rows: dict[Any, dict[str, Any]] = {}
        for figure in shown:
            for cell in self._cells(figure).iter_rows(named=True):
                key = cell["item"], cell["simulation_year"]
                row = rows.setdefault(
                    key,
                    {"item": cell["item"], "simulation_year": year_label(self._calendar, key[1])},
                )
                row[figure.key], row[f"{figure.key}_before"] = cell["scenario"], cell["baseline"]
                row[f"{figure.key}_difference"] = cell["difference"]
        table = Table(
            "runs",
            "Two runs",
            "",
            (
                *(() if by == NOTHING else (Column("item", by.capitalize(), "text", "Level, or value"),)),
                Column("simulation_year", "Year", "year", "Year simulated"),
                *(column for figure in shown for column in _columns(figure, self._runs)),
            ),
            tuple(rows[key] for key in sorted(rows, key=lambda key: (str(key[0]), key[1]))),
            self._money,
        )
        if by != NOTHING and not options().show_pay:
            table = without_small_groups(table)
        show_table(
            table, f"{self._runs[1]}-against-{self._runs[0]}-{self._scenario}-{by}", unfolded=by != NOTHING
        )


def _columns(figure: KeyFigure, runs: tuple[str, str]) -> tuple[Column, ...]:
    """Return the columns of a figure in both runs, and of its difference."""
    return (
        Column(f"{figure.key}_before", f"{figure.title}, {runs[0]}", figure.kind, figure.meaning),
        Column(figure.key, f"{figure.title}, {runs[1]}", figure.kind, figure.meaning),
        Column(
            f"{figure.key}_difference", f"{figure.title}, difference", figure.kind, "Second less first run"
        ),
    )


def _input(differing: Sequence[tuple[str, Any, Any]], first: str, second: str) -> None:
    """Show the input in which two runs differ."""
    st.subheader("Input that differs", anchor="input")
    if not differing:
        st.caption("Both runs have the same input.")
        return
    st.table(
        pd.DataFrame(
            [
                {
                    "What": escaped(name),
                    escaped(first): escaped(text_of(one)),
                    escaped(second): escaped(text_of(two)),
                }
                for name, one, two in differing
            ]
        ),
        hide_index=True,
        border="horizontal",
        alt="Input in which two runs differ",
    )
