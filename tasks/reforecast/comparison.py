"""What a reforecast shows against the budget: headcount, payroll and loaded cost of each common year."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from duckdb import ColumnExpression, ConstantExpression

from tasks.reforecast.request import Planned
from tasks.runs.budget import NamedBudget
from tasks.runs.calendar import recorded_calendar
from tasks.runs.directory import RunDirectory
from tasks.runs.record import RunRecord, read_record
from tasks.studies.variance.bridge import BRIDGES, BUDGET, EFFECTS, FORECAST
from tasks.studies.variance.pairing import Choice, Variance, variance
from tasks.text.calendar import year_label
from tasks.text.money import Money
from tasks.warehouse.published import Rows, published, view_names

FULL_YEAR, MONTHS = "fct_full_year_summary", "fct_month_summary"
#: The effect of the months before the opening date, which the bridge of simulated months does not have.
ELAPSED = "elapsed"
LABELS: Mapping[str, str] = {ELAPSED: "Months before", **{name: each.label for name, each in EFFECTS.items()}}
HEADCOUNT = "headcount"
#: The figures, with their names in texts.
FIGURES: Mapping[str, str] = {HEADCOUNT: "headcount", "payroll": "payroll", "cost": "loaded cost"}


@dataclass(frozen=True)
class Figure:
    """A figure of a year, in budget and reforecast, means over replicates.

    `effects` (currency units) add up to the difference of payroll and cost; headcount has none.
    """

    name: str
    budget: Decimal
    forecast: Decimal
    effects: Mapping[str, Decimal]

    @property
    def difference(self) -> Decimal:
        """Reforecast less budget."""
        return self.forecast - self.budget

    def moved(self, threshold: Decimal) -> bool:
        """Return whether the difference is more than this share of the budget."""
        return abs(self.difference) > threshold * abs(self.budget)


@dataclass(frozen=True)
class YearCompared:
    """A year of both runs."""

    label: str
    figures: tuple[Figure, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """All common years, in order."""

    run: RunDirectory
    attempt: str  # date of the list and digest of the input
    list_name: str
    budget: NamedBudget
    threshold: Decimal
    years: tuple[YearCompared, ...]
    money: Money

    @property
    def budget_name(self) -> str:
        """The budget as alerts name it: the absolute path of its run, and the scenario if one is named."""
        path = str(self.budget.directory.path.resolve())
        return f"{path} (scenario {self.budget.scenario})" if self.budget.scenario else path

    @property
    def moved(self) -> list[tuple[YearCompared, Figure]]:
        """The figures that differ by more than the threshold."""
        return [
            (year, figure) for year in self.years for figure in year.figures if figure.moved(self.threshold)
        ]


def compare(plan: Planned, budget: NamedBudget, threshold: Decimal) -> Comparison:
    """Compare the finished run of a reforecast with the budget. Raises InputError as `variance`."""
    records = read_record(budget.directory), read_record(plan.directory)
    first, last = max(one.years[0] for one in records), min(one.years[1] for one in records)
    found = [
        variance(plan.directory, budget.directory, Choice(year, budget_scenario=budget.scenario))
        for year in range(first, last + 1)
    ]
    years = tuple(_year(each, plan.directory, budget.directory, records) for each in found)
    return Comparison(plan.directory, plan.attempt, plan.list_name, budget, threshold, years, found[0].money)


def _year(
    found: Variance, forecast: RunDirectory, budget: RunDirectory, records: tuple[RunRecord, RunRecord]
) -> YearCompared:
    """Return a year's figures; of a year whose beginning past lists show, those of the whole year."""
    calendar = recorded_calendar(records[1])
    heads = [Decimal(str(round(found.bridges.counts(side)["closing"], 6))) for side in (BUDGET, FORECAST)]
    figures = [Figure(HEADCOUNT, heads[0], heads[1], {})]
    notes = list(found.notes)
    actual = _with_actual_months(found, forecast, budget, records[0].replicates)
    for step in found.by():
        before, after, effects = step.budget, step.forecast, dict(step.effects)
        if actual:
            before, after = actual[0][step.bridge], actual[1][step.bridge]
            effects = {ELAPSED: after - before - step.difference, **effects}
        figures.append(Figure(step.bridge, before, after, effects))
    if actual:
        notes.append(
            f"Payroll and cost are those of the whole year, with what past lists show up to "
            f"{calendar.opening_date}; {LABELS[ELAPSED].lower()} is the difference of the months before the "
            "compared ones."
        )
    elif calendar.is_stub(found.year):
        why = records[1].actuals.reason if records[1].actuals else None
        notes.append(f"What happened up to {calendar.opening_date} is not known: {why or 'no past lists'}.")
    return YearCompared(year_label(calendar, found.year), tuple(figures), tuple(notes))


def _with_actual_months(
    found: Variance, forecast: RunDirectory, budget: RunDirectory, replicates: int
) -> tuple[dict[str, Decimal], dict[str, Decimal]] | None:
    """Return payroll and cost of the whole year of budget and reforecast; None without actual months."""
    with published(forecast.results, (FULL_YEAR,)) as connection:
        if FULL_YEAR not in view_names(connection):
            return None
        whole = _means(connection.view(FULL_YEAR), "avg({})", found.scenarios[1], found.year)
    with published(budget.results, (MONTHS,)) as connection:
        mean = f"sum({{}}) / {replicates}"
        budgeted = _means(connection.view(MONTHS), mean, found.scenarios[0], found.year)
    return (budgeted, whole) if budgeted and whole else None


def _means(rows: Rows, mean: str, scenario: str, year: int) -> dict[str, Decimal] | None:
    """Return payroll and loaded cost (currency units) of a scenario's year; None without rows."""
    of_year = rows.filter(ColumnExpression("scenario_id") == ConstantExpression(scenario))
    of_year = of_year.filter(ColumnExpression("simulation_year") == ConstantExpression(year))
    row = of_year.aggregate(
        ", ".join(mean.format(name) for name in ("salary_cost", "loaded_cost"))
    ).fetchone()
    if row is None or row[0] is None:
        return None
    return {name: round(Decimal(str(amount)), 2) for name, amount in zip(BRIDGES, row, strict=True)}
