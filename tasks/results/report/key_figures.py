"""The key figures of each scenario, read from the report's tables, and how scenarios differ in them.

Summary, the workbook's first sheet and the slides take them from here. Figures are means over replicates, as
in the tables.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.results.report.table import SCENARIO, Column, Kind, Row, Table
from tasks.runs.record import RunRecord
from tasks.studies.compare import choose_baseline
from tasks.text.events import EVENT_KINDS
from tasks.text.money import Money
from tasks.text.terms import TOTAL, TOTAL_MEANING

KEY = "overview"


@dataclass(frozen=True)
class KeyFigures:
    """A scenario's figures of all its years; `cost` and `person_years` are by year, empty if not known.

    `years` are the years' names as in the tables. Counts are employees, amounts in the census's currency,
    turnover is a share by year, None where nobody was employed. `steps` are the changes of annual payroll
    from the first opening to the last closing, by the name of each kind of event.
    """

    scenario: str
    years: tuple[str, ...]
    opening: float
    closing: float
    opening_payroll: float
    closing_payroll: float
    hires: float
    experienced_leavers: float
    new_hire_leavers: float
    reductions: float
    turnover: tuple[float | None, ...]
    steps: Mapping[str, float]
    cost: tuple[float, ...]
    person_years: tuple[float, ...]

    @property
    def leavers(self) -> float:
        """Leavers of all years and kinds."""
        return self.experienced_leavers + self.new_hire_leavers + self.reductions

    @property
    def growth(self) -> float | None:
        """Closing of the last year / opening of the first − 1."""
        return ratio(self.opening, self.closing)


def ratio(before: float, after: float) -> float | None:
    """Return after / before − 1; None if there is nothing to divide by."""
    return after / before - 1 if before else None


def baseline_of(record: RunRecord) -> str:
    """Return the scenario with which the others are compared, or the only one."""
    return choose_baseline(record, None) if len(record.scenario_ids) > 1 else record.scenario_ids[0]


def key_figures(tables: Sequence[Table], record: RunRecord) -> list[KeyFigures]:
    """Return the key figures of each scenario of a run, in the order of its record.

    Scenarios without rows in table headcount are left out.
    """
    by_key = {table.key: table.rows for table in tables}
    found = []
    for scenario in record.scenario_ids:
        heads, pays, costs = (
            [row for row in by_key.get(key, ()) if row["scenario_id"] == scenario]
            for key in ("headcount", "payroll", "cost")
        )
        if heads and pays:
            found.append(_of_scenario(scenario, heads, pays, costs))
    return found


def _of_scenario(
    scenario: str, heads: Sequence[Row], pays: Sequence[Row], costs: Sequence[Row]
) -> KeyFigures:
    def summed(rows: Sequence[Row], key: str) -> float:
        return sum(float(row[key]) for row in rows)

    known = [row for row in costs if row["loaded_cost"] is not None]
    return KeyFigures(
        scenario,
        tuple(str(row["simulation_year"]) for row in heads),
        float(heads[0]["opening"]),
        float(heads[-1]["closing"]),
        float(pays[0]["opening"]),
        float(pays[-1]["closing"]),
        summed(heads, "hires"),
        summed(heads, "experienced_leavers"),
        summed(heads, "new_hire_leavers"),
        summed(heads, "reductions"),
        turnover=tuple(row["total_turnover"] for row in heads),
        steps={kind.step: summed(pays, kind.event_type) for kind in EVENT_KINDS},
        cost=tuple(float(row["loaded_cost"]) for row in known),
        person_years=tuple(float(row["person_years"]) for row in known),
    )


@dataclass(frozen=True)
class _Compared:
    """A figure of the overview: its column, and whether its difference from the baseline is a column."""

    key: str
    label: str
    kind: Kind
    meaning: str
    has_difference: bool = True

    def of(self, figures: KeyFigures) -> float | None:
        """The scenario's value; None where it is not known."""
        match self.key:
            case "last_cost":
                return figures.cost[-1] if figures.cost else None
            case "all_cost":
                return sum(figures.cost) if figures.cost else None
            case "turnover":
                return figures.turnover[-1]
        value: float | None = getattr(figures, self.key)
        return value


def overview(tables: Sequence[Table], record: RunRecord) -> Table:
    """Return a row per scenario with its key figures and their differences from the baseline.

    With one scenario there are no differences.
    """
    figures = key_figures(tables, record)
    baseline = baseline_of(record)
    several = len(figures) > 1
    money = Money.of(record)
    years = figures[0].years if figures else ("",)
    columns: list[Column] = [SCENARIO]
    rows: list[dict[str, Any]] = [{SCENARIO.key: each.scenario} for each in figures]
    base = next((each for each in figures if each.scenario == baseline), None)
    for compared in _compared(years):
        values = [compared.of(each) for each in figures]
        if not any(value is not None for value in values):
            continue  # a run of an earlier version has no loaded cost
        columns.append(Column(compared.key, compared.label, compared.kind, compared.meaning))
        for row, value in zip(rows, values, strict=True):
            row[compared.key] = value
        if several and compared.has_difference and base is not None:
            before = compared.of(base)
            key = f"{compared.key}_difference"
            columns.append(
                Column(key, f"{compared.label}: difference", compared.kind, f"Difference from {baseline}")
            )
            for row, value in zip(rows, values, strict=True):
                is_known = value is not None and before is not None and row[SCENARIO.key] != baseline
                row[key] = value - before if is_known else None  # type: ignore[operator]
    span = years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"
    differences = f" Differences are from {baseline}." if several else ""
    return Table(
        KEY,
        f"{'Scenarios at a glance' if several else 'Key figures'}, {span}",
        f"Headcount, payroll and {TOTAL.lower()} are those of the last year, hires, leavers and growth those "
        f"of all years.{differences}",
        tuple(columns),
        tuple(rows),
        money,
        short="Scenarios",
    )


def _compared(years: Sequence[str]) -> list[_Compared]:
    last, several = years[-1], len(years) > 1
    all_years = f"{years[0]} to {last}"
    return [
        _Compared("closing", "Employees", "count", f"Employees at the end of {last}"),
        _Compared("growth", "Growth", "change", "Closing headcount / opening headcount − 1", False),
        _Compared("closing_payroll", "Annual payroll", "money", f"Annual salaries at the end of {last}"),
        _Compared("last_cost", f"Loaded cost {last}", "money", f"Loaded cost of {last}"),
        *(
            [_Compared("all_cost", "Loaded cost, all years", "money", f"Loaded cost of {all_years}")]
            if several
            else []
        ),
        _Compared("hires", "Hires", "count", f"Hires of {all_years if several else last}", False),
        _Compared("leavers", "Leavers", "count", f"Leavers of {all_years if several else last}", False),
        _Compared("turnover", TOTAL, "share", f"{TOTAL_MEANING}, in {last}", False),
    ]
