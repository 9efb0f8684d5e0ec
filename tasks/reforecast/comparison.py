"""What a reforecast shows against the budget: headcount, payroll and loaded cost of each common year."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from duckdb import ColumnExpression, ConstantExpression

from settings.models.calendar import FiscalCalendar
from tasks.reforecast.request import Planned
from tasks.results.actuals import FORECAST as FORECAST_ONLY
from tasks.results.actuals import FULL_YEAR, FULL_YEARS, full_year_label
from tasks.runs.budget import NamedBudget
from tasks.runs.calendar import recorded_calendar
from tasks.runs.directory import RunDirectory
from tasks.runs.record import RunRecord, read_record
from tasks.studies.variance.bridge import BRIDGES, BUDGET, EFFECTS, FORECAST
from tasks.studies.variance.pairing import Choice, Variance, variance
from tasks.text.calendar import year_label, year_values
from tasks.text.money import Money
from tasks.warehouse.published import Rows, published, view_names

MONTHS = "fct_month_summary"
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
    values: Mapping[str, int | str]  # number and name of the year, and of a stub what its figures are of


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
    year, (budgeted, calendar) = found.year, map(recorded_calendar, records)
    heads = [Decimal(str(round(found.bridges.counts(side)["closing"], 6))) for side in (BUDGET, FORECAST)]
    figures = [Figure(HEADCOUNT, heads[0], heads[1], {})]
    notes, label = list(found.notes), year_label(calendar, year)
    theirs = ours = None
    if calendar.is_stub(year) and budgeted.first_day(year) != calendar.first_day(year):
        notes.append(_on_other_months(budgeted, year))
    elif calendar.is_stub(year):
        theirs = whole_year(budget, records[0], found.scenarios[0], year)
        ours = whole_year(forecast, records[1], found.scenarios[1], year)
        if theirs and ours:
            label = full_year_label(calendar)
            notes.insert(0, _on_whole_year(calendar))
        else:
            notes.append(_on_unknown_months(records[0] if ours else records[1]))
    for step in found.by():
        before, after, effects = step.budget, step.forecast, dict(step.effects)
        if theirs and ours:
            before, after = theirs[step.bridge], ours[step.bridge]
            effects = {ELAPSED: after - before - step.difference, **effects}
        figures.append(Figure(step.bridge, before, after, effects))
    basis = {"basis": FULL_YEAR if theirs and ours else FORECAST_ONLY} if calendar.has_stub else {}
    values = {**year_values(calendar, year), **basis}
    return YearCompared(label, tuple(figures), tuple(notes), values)


def _on_whole_year(calendar: FiscalCalendar) -> str:
    return (
        f"Payroll and cost are those of the whole year, with what past lists show up to "
        f"{calendar.opening_date}. The other effects are those of the months that both runs simulate; "
        f"{LABELS[ELAPSED].lower()} is the difference of the earlier ones."
    )


def _on_unknown_months(run: RunRecord) -> str:
    why = run.actuals.reason if run.actuals else None
    opened = recorded_calendar(run).opening_date
    return f"What happened up to {opened} is not known to {run.run_id}: {why or 'no past lists'}."


def _on_other_months(theirs: FiscalCalendar, year: int) -> str:
    return (
        f"Payroll and cost are those of the compared months: the budget's {theirs.name(year)} goes "
        f"from {theirs.first_day(year)} to {theirs.last_day(year)}."
    )


def whole_year(run: RunDirectory, record: RunRecord, scenario: str, year: int) -> dict[str, Decimal] | None:
    """Return payroll and loaded cost (currency units) of a fiscal year by bridge, means over replicates.

    Those of a stub include what past lists show; None if the run does not know it.
    """
    is_stub = recorded_calendar(record).is_stub(year)
    table, mean = (FULL_YEARS, "avg({})") if is_stub else (MONTHS, f"sum({{}}) / {record.replicates}")
    with published(run.results, (table,)) as connection:
        if table not in view_names(connection):
            return None
        return _means(connection.view(table), mean, scenario, year)


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
