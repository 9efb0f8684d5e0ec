"""The report's bridge from the budget that the settings name to the run: a table by level and dimension."""

from collections.abc import Iterator

from settings.errors import InputError
from tasks.results.report.table import SCENARIO, Column, Row, Table
from tasks.runs.budget import NamedBudget, named_budget
from tasks.runs.directory import RunDirectory
from tasks.runs.record import RunRecord
from tasks.studies.variance.bridge import BUDGET, EFFECTS, FORECAST
from tasks.studies.variance.pairing import Choice, Variance, variance
from tasks.text.money import Money
from tasks.warehouse.published import ResultsDamaged

KEY = "variance"
#: Person-years of both runs: they say how many people a row has.
_YEARS = (
    Column(
        "budget_person_years",
        "Budget person-years",
        "number",
        "Those of the budget",
    ),
    Column("person_years", "Person-years", "number", "Days employed / days in the year"),
)
_COLUMNS = (
    SCENARIO,
    Column("bridge", "Of", "text", "Payroll: what is paid in the year; cost: loaded cost"),
    Column("breakdown", "By", "text", "Total, level, or a dimension"),
    Column("item", "Item", "text", "Level's number, or dimension's value"),
    *_YEARS,
    Column("budget", "Budget", "money", "Amount in the budget"),
    *(
        Column(name, effect.label, "money", f"{effect.meaning[0].upper()}{effect.meaning[1:]}")
        for name, effect in EFFECTS.items()
    ),
    Column("forecast", "Forecast", "money", "Amount in this run: budget and effects add up to it"),
)
_NO_COMPARISON = (Column("problem", "Problem", "text", "Why the budget cannot be compared"),)


def variance_table(
    directory: RunDirectory,
    record: RunRecord,
    budget: NamedBudget | None = None,
    year: int | None = None,
) -> Table:
    """Return the bridges of each scenario of a run from a budget, in total and by level and dimension.

    Args:
        directory: The run, which is the forecast.
        record: Its record, with the scenarios to show.
        budget: The budget; None: the one that the run's settings name.
        year: The simulated year; None: the first that both runs have.

    The table has no rows if there is no budget. If the budget cannot be compared, for example because it was
    removed since, a table with the key `budget` says why.
    """
    try:
        budget = budget or named_budget(record.settings, directory.path.parent)
        if budget is None:
            return Table(KEY, "", "", _COLUMNS, ())
        found = [
            variance(directory, budget.directory, Choice(year, scenario, budget.scenario))
            for scenario in record.scenario_ids
        ]
    except (InputError, ResultsDamaged) as error:
        title = "Against the budget: not compared"
        return Table("budget", title, "", _NO_COMPARISON, ({"problem": str(error)},))
    money = Money.of(record)
    notes = dict.fromkeys(note for one in found for note in one.notes)
    of_scenario = f", scenario {found[0].scenarios[0]}" if found[0].scenarios[0] != "baseline" else ""
    return Table(
        KEY,
        f"Against budget {found[0].runs[0]}{of_scenario}, {found[0].year_name} ({money.name})",
        " ".join(
            (
                "Budget + effects = forecast, to the cent; docs/variance.md defines the effects. Levels are "
                "those held on the day.",
                *notes,
            )
        ),
        _COLUMNS,
        tuple(row for one in found for row in _rows(one)),
        money,
    )


def _rows(found: Variance) -> Iterator[Row]:
    """Yield a row per bridge and item: of the total, of each level, and of each dimension's values."""
    for breakdown in (None, "level", *found.dimensions):
        years = found.bridges.person_years(found.key(breakdown))
        for step in found.by(breakdown):
            yield {
                "scenario_id": found.scenarios[1],
                "bridge": step.bridge.capitalize(),
                "breakdown": (breakdown or "total").capitalize(),
                "item": "" if step.item is None else str(step.item),
                "budget_person_years": years.get((BUDGET, step.item), 0.0),
                "person_years": years.get((FORECAST, step.item), 0.0),
                "budget": step.budget,
                **{name: step.effects.get(name) for name in EFFECTS},
                "forecast": step.forecast,
            }
