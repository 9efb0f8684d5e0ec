"""What the slides read from the report's tables: rows of the baseline, and series of charts."""

from collections.abc import Mapping, Sequence

from tasks.results.report.charts import CHARTED_SCENARIOS
from tasks.results.report.deck_layout import short_names, shortened
from tasks.results.report.html import shown
from tasks.results.report.key_figures import baseline_of, overview
from tasks.results.report.phrases import amount, is_nothing
from tasks.results.report.table import SCENARIO, Column, Row, Table
from tasks.runs.record import RunRecord
from tasks.text.money import Money
from tasks.text.terms import TOTAL

LEAVERS = ("experienced_leavers", "new_hire_leavers", "reductions")
#: Characters of a name in a legend.
LEGEND = 26
#: Characters of a setting's value.
_VALUE = 60
#: Settings that every deck shows.
ASSUMPTIONS = (
    "simulation.mode",
    "simulation.target_growth_rate",
    "workforce.total_termination_rate",
    "workforce.new_hire_termination_rate",
    "compensation.cola_rate",
    "compensation.merit_budget",
)


class DeckFigures:
    """The tables of a run by key, its scenarios with short names, and what slides draw of them.

    Charts show six scenarios, as those of the page do. A series has a value per year, None where the table
    has none.
    """

    def __init__(self, tables: Sequence[Table], record: RunRecord) -> None:
        self._record = record
        self.tables = {table.key: table for table in tables}
        self.money = Money.of(record)
        self.overview = overview(tables, record)
        self.baseline = baseline_of(record)
        self.scenarios = [row[SCENARIO.key] for row in self.overview.rows]
        self.names = short_names(self._drawn, LEGEND)

    @property
    def _drawn(self) -> list[str]:
        """The scenarios that charts show: the baseline and the first of the others."""
        return sorted(self.scenarios, key=lambda scenario: scenario != self.baseline)[:CHARTED_SCENARIOS]

    @property
    def several(self) -> bool:
        """Whether there are scenarios to compare."""
        return len(self.scenarios) > 1

    def of_baseline(self, what: str) -> str:
        """A title, with the baseline's name if there are other scenarios."""
        return f"{what}, {self.names.get(self.baseline, self.baseline)}" if self.several else what

    def headings(self, columns: Sequence[Column]) -> list[str]:
        """Return the labels of columns; those of amounts have the currency."""
        return [self.money.headed(each.label) if each.kind == "money" else each.label for each in columns]

    def text(self, row: Row, column: Column) -> str:
        """Return a cell as text; differences have their sign."""
        value = row[column.key]
        is_difference = column.key.endswith("_difference")
        text = (
            amount(self.money, value, sign="+" if is_difference else "")
            if value is not None and column.kind == "money"
            else shown(value, column.kind)
        )
        if is_difference and is_nothing(text):
            return "0"
        return f"+{text}" if is_difference and column.kind == "count" and (value or 0) > 0 else text

    def rows(self, key: str, scenario: str | None = None) -> list[Row]:
        """The rows of a table of one scenario, the baseline unless another is named."""
        table = self.tables.get(key)
        scenario = scenario or self.baseline
        return [row for row in table.rows if row[SCENARIO.key] == scenario] if table else []

    def years(self, key: str) -> list[str]:
        """Return the names of the years of a table."""
        return list(dict.fromkeys(str(row["simulation_year"]) for row in self.tables[key].rows))

    def by_scenario(self, key: str, value: str, unit: int = 1) -> Mapping[str, list[float | None]]:
        """Return a series per scenario drawn: column `value` by year, in units of `unit`."""
        years = self.years(key)
        found: dict[str, list[float | None]] = {}
        for scenario, name in self.names.items():
            by_year = {str(row["simulation_year"]): row[value] for row in self.rows(key, scenario)}
            found[name] = [_in(by_year.get(year), unit) for year in years]
        return found

    def by_column(self, key: str, values: Sequence[str], unit: int = 1) -> Mapping[str, list[float | None]]:
        """The baseline's columns that are not 0 everywhere, and at least the first."""
        rows = self.rows(key)
        labels = {column.key: column.label for column in self.tables[key].columns}
        return {
            labels[value]: [_in(row[value], unit) for row in rows]
            for value in values
            if value in labels and (value == values[0] or any(row[value] for row in rows))
        }

    def count_format(self, key: str, value: str) -> str:
        """The number format of counts, with a decimal where they are means that are not whole."""
        whole = all(round(float(row[value] or 0), 6).is_integer() for row in self.tables[key].rows)
        return "#,##0" if whole else "#,##0.0"

    def undrawn(self) -> str:
        """Return sentences for the notes: scenarios that charts leave out, and names that they shorten."""
        more = len(self.scenarios) - len(self.names)
        cut = [f"{short} is {name}." for name, short in self.names.items() if short != name]
        drawn = (
            f"Drawn are the first {len(self.names)} of {len(self.scenarios)} scenarios. " if more > 0 else ""
        )
        return drawn + " ".join(cut)

    def key_figures_by_year(self) -> tuple[list[str], list[list[str]]]:
        """Return headings and rows of the baseline's key figures, a row per year."""
        payrolls, costs = (
            {row["simulation_year"]: row for row in self.rows(key)} for key in ("payroll", "cost")
        )
        headings = ["Year", "Opening", "Hires", "Leavers", "Closing", "Growth", TOTAL]
        headings += map(self.money.headed, ["Annual payroll", *(["Loaded cost"] if costs else [])])
        rows = []
        for row in self.rows("headcount"):
            year = row["simulation_year"]
            amounts = [payrolls[year]["closing"], *([costs[year]["loaded_cost"]] if costs else [])]
            counts = (row["opening"], row["hires"], sum(row[kind] for kind in LEAVERS), row["closing"])
            rows.append(
                [
                    str(year),
                    *(shown(count, "count") for count in counts),
                    shown(row["growth"], "change"),
                    shown(row["total_turnover"], "share"),
                    *("–" if value is None else amount(self.money, value) for value in amounts),
                ]
            )
        return headings, rows

    def assumptions(self) -> list[list[str]]:
        """The settings that matter most, then those that differ from the defaults; not those of the input."""
        rows = {row["setting"]: row for row in self.tables["settings"].rows}
        changed = [
            key
            for key, row in rows.items()
            if row["origin"] == "changed" and key.partition(".")[0] not in ("census", "history", "plan")
        ]
        keys = dict.fromkeys((*(key for key in ASSUMPTIONS if key in rows), *changed))
        return [[key, shortened(str(rows[key]["value"]), _VALUE)] for key in keys]

    @staticmethod
    def left_out(number: int, what: str = "scenarios") -> str:
        """Return the sentence for the notes on rows that a slide has no room for."""
        return f" {number} more {what} are in results.xlsx." if number > 0 else ""

    def source(self, *keys: str) -> str:
        """Return the sentence for the notes on the sheets that have the figures."""
        sheets = [self.tables[key].name for key in keys if key in self.tables]
        means = f" Means over {self._record.replicates} replicates." if self._record.replicates > 1 else ""
        return (
            f"Source: run {self._record.run_id}, results.xlsx, sheets {', '.join(sheets)}.{means}"
            f"{self.money.note}"
        )


def _in(value: float | None, unit: int) -> float | None:
    return None if value is None else float(value) / unit
