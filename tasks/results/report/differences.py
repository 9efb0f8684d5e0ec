"""The report's tables of scenario against scenario: settings, figures by year, by level and dimension."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl

from settings.loading.problems import text_of
from tasks.results.report.table import SCENARIO, YEAR, Column, Kind, Row, Table
from tasks.runs.record import RunRecord
from tasks.studies.compare import choose_baseline, compare, settings_differences
from tasks.text.money import Money
from tasks.text.terms import TOTAL, TOTAL_MEANING


@dataclass(frozen=True)
class Compared:
    """A figure that is compared: its columns, and which of tasks/studies/figures.py it is."""

    label: str
    short: str
    meaning: str
    figure: str
    kind: Kind
    scale: int = 1

    @property
    def key(self) -> str:
        """The key of the column of its difference."""
        return f"{self.figure}_difference"

    @property
    def error_key(self) -> str:
        """The key of the column of its standard error."""
        return f"{self.figure}_error"


COMPARED = (
    Compared("Closing headcount", "headcount", "employees on 31 December", "headcount", "count"),
    Compared("Closing payroll", "payroll", "annual salaries on 31 December", "payroll", "money"),
    Compared("Paid in the year", "paid", "salary for the days employed", "paid", "money"),
    Compared("Hires", "hires", "hires of the year", "hires", "count"),
    Compared(
        f"{TOTAL}, points",
        TOTAL.lower(),
        f"{TOTAL.lower()} ({TOTAL_MEANING}), in percentage points",
        "turnover",
        "number",
        scale=100,
    ),
    Compared("Average pay", "average pay", "closing payroll / closing headcount", "average_pay", "money"),
)


class ScenarioDifferences:
    """What the scenarios of a run differ in from its baseline, compared once; empty with one scenario."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, record: RunRecord) -> None:
        """Compare over the views of `published`."""
        self._record = record
        self._money = Money.of(record)
        self._units = f"(employees, {self._money.name}, percentage points)"
        self._several = len(record.scenarios) > 1
        self._baseline = choose_baseline(record, None) if self._several else "the baseline"
        self._connection = connection
        self._found: pl.DataFrame | None = None

    def settings(self) -> Table:
        """The settings that differ, a row each."""
        differing = settings_differences(self._record, self._baseline) if self._several else []
        return Table(
            "overrides",
            f"Settings that differ from {self._baseline}",
            "What the scenarios assume differently: all else is the same, and so is chance."
            f"{self._money.note}",
            (
                SCENARIO,
                Column("setting", "Setting", "text", "Key in the scenario's file"),
                Column("baseline", "Baseline", "text", f"Its value in {self._baseline}"),
                Column("in_scenario", "In the scenario", "text", "Its value in the scenario"),
            ),
            tuple(
                {
                    "scenario_id": scenario,
                    "setting": key,
                    "baseline": text_of(before),
                    "in_scenario": text_of(value),
                }
                for scenario, key, before, value in differing
            ),
        )

    def by_year(self) -> Table:
        """All employees, a row per scenario and year, as `workforce compare` has them."""
        return self._table(
            "differences",
            f"Scenarios against {self._baseline} {self._units}",
            "Means of the differences of equal replicates: both scenarios meet the same luck, so that the "
            "difference is the policy's alone. Bars in the chart: two standard errors to either side.",
            {
                Column("against", "Against", "text", "The scenario it is compared with"): lambda _: (
                    self._baseline
                ),
                YEAR: lambda of: of["simulation_year"],
            },
            pl.col("breakdown") == "total",
            COMPARED,
        )

    def by_item(self) -> Table:
        """The last year, a row per scenario and item of a breakdown, as `workforce compare --by` has it."""
        last: Any = self._compared()["simulation_year"].max() if self._several else "last year"
        return self._table(
            "breakdown",
            f"Scenarios against {self._baseline} by level and dimension, {last} {self._units}",
            "Where the difference of the last year lies. Items of one breakdown add up to the whole, but for "
            "total turnover and average pay. Lines in the charts: two standard errors to either side.",
            {
                Column("breakdown", "By", "text", "Level, or a dimension"): lambda of: of[
                    "breakdown"
                ].capitalize(),
                Column("item", "Item", "text", "Level's number, or dimension's value"): lambda of: of["item"],
                Column("headcount", "Headcount", "count", "Closing headcount"): lambda of: of["scenario"],
                Column(
                    "baseline_headcount", "Baseline headcount", "count", f"In {self._baseline}"
                ): lambda of: of["baseline"],
            },
            (pl.col("breakdown") != "total") & (pl.col("simulation_year") == last),
            [each for each in COMPARED if each.figure != "paid"],  # which is known of all alone
        )

    def _table(
        self,
        key: str,
        title: str,
        note: str,
        first: Mapping[Column, Callable[[Mapping[str, Any]], Any]],
        chosen: pl.Expr,
        compared: Sequence[Compared],
    ) -> Table:
        """A row per scenario, year and item: `first`, of its headcount, then differences with errors."""
        columns = [SCENARIO, *first]
        for each in compared:
            columns.append(Column(each.key, each.label, each.kind, f"Mean difference in {each.meaning}"))
            columns.append(
                Column(
                    each.error_key,
                    f"± {each.short}",
                    "number" if each.kind == "count" else each.kind,
                    "Standard error of that, paired; none with one replicate",
                )
            )
        by = ["scenario_id", "simulation_year", "breakdown", "item"]
        rows: list[Row] = []
        if self._several:
            for (scenario, *_), cells in self._compared().filter(chosen).group_by(by, maintain_order=True):
                found = {cell["figure"]: cell for cell in cells.iter_rows(named=True)}
                row = {"scenario_id": scenario}
                row |= {column.key: value(found["headcount"]) for column, value in first.items()}
                for each in compared:
                    of_figure = found.get(each.figure, {})
                    row[each.key] = _scaled(of_figure.get("difference"), each)
                    row[each.error_key] = _scaled(of_figure.get("standard_error"), each)
                rows.append(row)
        return Table(key, title, note, tuple(columns), tuple(rows), self._money)

    def _compared(self) -> pl.DataFrame:
        if self._found is None:
            found = compare(self._connection, self._baseline)
            levels_first = pl.col("breakdown") != "level"
            self._found = found.sort("scenario_id", levels_first, maintain_order=True)
        return self._found


def _scaled(value: float | None, compared: Compared) -> float | None:
    return None if value is None else compared.scale * value
