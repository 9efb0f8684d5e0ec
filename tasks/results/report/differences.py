"""The report's comparisons of scenarios: settings, figures by year, figures by level and dimension."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import polars as pl

from settings.loading.problems import text_of
from tasks.results.report.table import SCENARIO, YEAR, Column, Kind, Row, Table, as_number
from tasks.runs.calendar import recorded_calendar
from tasks.runs.record import RunRecord
from tasks.studies.compare import choose_baseline, compare, settings_differences
from tasks.studies.figures import SEGMENT, without_equal_fte
from tasks.text.costs import LOADED, PARTS
from tasks.text.money import Money
from tasks.text.terms import TOTAL, TOTAL_MEANING


@dataclass(frozen=True)
class Compared:
    """A compared figure: its columns, and its name in tasks/studies/figures.py."""

    label: str
    short: str
    meaning: str
    figure: str
    kind: Kind
    scale: int = 1
    optional: bool = False

    @property
    def key(self) -> str:
        """The key of the column of its difference."""
        return f"{self.figure}_difference"

    @property
    def error_key(self) -> str:
        """The key of the column of its standard error."""
        return f"{self.figure}_error"


_PAID = Compared("Paid in the year", "paid", "salary for the days employed", "paid", "money")
_LOADED_COST = Compared(
    LOADED.title, "loaded cost", "paid in the year and all other costs", LOADED.name, "money"
)

COMPARED = (
    # a table leaves out FTE where everybody works full-time
    Compared("Closing headcount", "headcount", "employees on 31 December", "headcount", "count"),
    Compared("Closing FTE", "FTE", "full-time equivalents on 31 December", "fte", "number"),
    Compared("Closing payroll", "payroll", "annual salaries on 31 December", "payroll", "money"),
    _PAID,
    _LOADED_COST,
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

#: The loaded cost and its parts. A part is left out where no scenario differs in it.
COMPARED_COSTS = (
    _PAID,
    *(
        Compared(
            cost.title,
            cost.title.lower(),
            f"{cost.meaning[0].lower()}{cost.meaning[1:]}",
            cost.name,
            "money",
            optional=True,
        )
        for cost in PARTS
    ),
    _LOADED_COST,
)


class ScenarioDifferences:
    """How the scenarios of a run differ from its baseline; tables are empty with one scenario."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, record: RunRecord) -> None:
        """Compare scenarios by the views of `published`, at the first call that needs it."""
        self._record = record
        self._money = Money.of(record)
        self._units = f"(employees, {self._money.name}, percentage points)"
        self._several = len(record.scenarios) > 1
        self._baseline = choose_baseline(record, None) if self._several else "the baseline"
        self._connection = connection
        self._found: pl.DataFrame | None = None

    def settings(self) -> Table:
        """Return the settings that differ, a row each."""
        differing = settings_differences(self._record, self._baseline) if self._several else []
        return Table(
            "overrides",
            f"Settings that differ from {self._baseline}",
            "Settings in which scenarios differ; all other settings and the random draws are the same."
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
                    **as_number("baseline", before),
                    **as_number("in_scenario", value),
                }
                for scenario, key, before, value in differing
            ),
        )

    def by_year(self) -> Table:
        """Return differences of all employees, a row per scenario and year, as `workforce compare` does."""
        return self._table(
            "differences",
            f"Scenarios against {self._baseline} {self._units}",
            "Means over replicates of paired differences: both scenarios use the same draws, so only the "
            "settings make the difference. Bars in the chart: two standard errors to either side.",
            self._of_year,
            pl.col("breakdown") == "total",
            COMPARED,
        )

    def of_cost(self) -> Table:
        """Return differences in the loaded cost and its parts, a row per scenario and year.

        The table has no rows if the results are of an earlier version of the program, which lack the cost.
        """
        table = self._table(
            "cost_differences",
            f"Cost of scenarios against {self._baseline} ({self._money.name})",
            "Parts of the difference in loaded cost, as means over replicates of paired differences. Paid in "
            "the year and all other parts add up to the loaded cost; a part in which no scenario differs is "
            "left out.",
            self._of_year,
            pl.col("breakdown") == "total",
            COMPARED_COSTS,
        ).without_empty_columns()
        has_cost = any(column.key == _LOADED_COST.key for column in table.columns)
        return table if has_cost else replace(table, rows=())

    def by_item(self) -> Table:
        """Return the last year's differences, a row per scenario and item, as `workforce compare --by`."""
        last: Any = self._compared()["simulation_year"].max() if self._several else "last year"
        name = recorded_calendar(self._record).name(last) if self._several else last
        return self._table(
            "breakdown",
            f"Scenarios against {self._baseline} by level and dimension, {name} {self._units}",
            "Parts of the last year's difference. Items of one breakdown add up to the total, except "
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
            ~pl.col("breakdown").is_in(["total", SEGMENT]) & (pl.col("simulation_year") == last),
            [each for each in COMPARED if each != _PAID],  # more columns do not fit a page
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
        """Return a row per scenario, year and item: columns `first`, differences, standard errors."""
        if self._several:
            known = without_equal_fte(self._compared().filter(chosen), "baseline", "scenario")["figure"]
            compared = [each for each in compared if each.figure in {*known}]
        columns = [SCENARIO, *first]
        for each in compared:
            columns.append(
                Column(each.key, each.label, each.kind, f"Mean difference in {each.meaning}", each.optional)
            )
            columns.append(
                Column(
                    each.error_key,
                    f"± {each.short}",
                    "number" if each.kind == "count" else each.kind,
                    "Paired standard error of that mean; none with one replicate",
                    each.optional,
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

    @property
    def _of_year(self) -> dict[Column, Callable[[Mapping[str, Any]], Any]]:
        """The first columns of a row per scenario and year."""
        against = Column("against", "Against", "text", "The baseline of the comparison")
        return {against: lambda _: self._baseline, YEAR: lambda of: of["simulation_year"]}

    def _compared(self) -> pl.DataFrame:
        if self._found is None:
            found = compare(self._connection, self._baseline)
            levels_first = pl.col("breakdown") != "level"
            self._found = found.sort("scenario_id", levels_first, maintain_order=True)
        return self._found


def _scaled(value: float | None, compared: Compared) -> float | None:
    return None if value is None else compared.scale * value
