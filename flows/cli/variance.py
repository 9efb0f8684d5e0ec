"""`workforce variance`: what explains the difference of a forecast from a budget."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from flows.cli.options import AsCsv, AsJson, Output, RunId
from flows.cli.printing import printing
from flows.cli.rows_file import check_file, write_rows
from settings.errors import InputError
from tasks.runs.budget import named_budget
from tasks.runs.directory import RunDirectory, find_run_directory
from tasks.runs.record import read_record
from tasks.studies.variance.bridge import BRIDGES, BUDGET, EFFECTS, FORECAST, Step
from tasks.studies.variance.pairing import Choice, Variance, variance
from tasks.text.money import PLAIN
from tasks.text.tables import TextTable

#: Counts of people and time of both runs, by their name in `Bridges.counts`.
PEOPLE = {
    "opening": "Employed at the start",
    "hires": "Hires",
    "leavers": "Leavers",
    "closing": "Employed at the end",
    "person_years": "Person-years",
}


def variance_command(
    forecast: RunId,
    budget: Annotated[
        str | None,
        typer.Option(
            help="Run that is the budget: id, `latest` or path. Default: the one in the forecast's settings."
        ),
    ] = None,
    year: Annotated[
        int | None, typer.Option(help="Simulated year. Default: the forecast's first that both runs have.")
    ] = None,
    scenario: Annotated[
        str | None, typer.Option(help="Scenario of the forecast. Default: `baseline`, else the first.")
    ] = None,
    budget_scenario: Annotated[
        str | None, typer.Option(help="Scenario of the budget. Default: `baseline`, else the first.")
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Break down by `level`, `month`, or a dimension, as department.")
    ] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    file: Annotated[
        Path | None, typer.Option(help="Also write every effect to this file: .csv or .parquet.")
    ] = None,
    output: Output = Path("runs"),
) -> None:
    """Print what explains the difference of a forecast's payroll and cost from a budget's, to the cent."""
    with printing(as_json, as_csv) as out:
        if file:
            check_file(file)
        directory = find_run_directory(output, forecast)
        of_budget, of_scenario = _budget(directory, budget, output)
        found = variance(directory, of_budget, Choice(year, scenario, budget_scenario or of_scenario))
        steps = found.by(by)
        rows = _effect_rows(found, steps, by)
        if by is None:
            out.table_with_rows(_people_table(found))
        bridge = _bridge_table(found, steps, by)
        bridge.add_values(*rows)
        out.table(bridge)
        for line in (_meaning(steps), *found.notes):
            out.say(line)
        if file:
            write_rows(pl.DataFrame([{**row, "item": _text(row["item"])} for row in rows]), file)
            out.say(f"Every effect, {len(rows):,} rows: {file}")


def _budget(forecast: RunDirectory, asked: str | None, output: Path) -> tuple[RunDirectory, str | None]:
    """Return the budget asked for, else the one that the forecast's settings name, with its scenario."""
    if asked is not None:
        return find_run_directory(output, asked), None
    named = named_budget(read_record(forecast).settings, forecast.path.parent)
    if named is None:
        raise InputError(
            f"--budget: a run's id, `latest` or the path of its directory is expected: the settings of run "
            f"{forecast.run_id} name no budget (budget.run)"
        )
    return named.directory, named.scenario


def _effect_rows(found: Variance, steps: Sequence[Step], by: str | None) -> list[dict[str, Any]]:
    """Return a row per bridge, item and effect, with the item's budget and forecast."""
    return [
        {
            "bridge": step.bridge,
            "simulation_year": found.year,
            "by": by or "total",
            "item": step.item,
            "effect": effect,
            "amount": amount,
            "budget": step.budget,
            "forecast": step.forecast,
        }
        for step in steps
        for effect, amount in step.effects.items()
    ]


def _people_table(found: Variance) -> TextTable:
    """Return counts of people and person-years of both runs: the volumes behind headcount and timing."""
    budget, forecast = (found.bridges.counts(side) for side in (BUDGET, FORECAST))
    table = TextTable(f"{found.heading}: people")
    table.add_column("People", "key")
    for heading in ("Budget", "Forecast", "Difference"):
        table.add_column(heading, "number")
    for key, label in PEOPLE.items():
        values = [budget[key], forecast[key]]
        # counts are whole numbers, means over replicates need not be
        digits = 0 if all(abs(value - round(value)) < 1e-6 for value in values) else 1
        before, after = (round(value, digits) for value in values)
        table.add_row(
            label, f"{before:,.{digits}f}", f"{after:,.{digits}f}", f"{after - before:+,.{digits}f}"
        )
    return table


def _bridge_table(found: Variance, steps: Sequence[Step], by: str | None) -> TextTable:
    """Return the bridges of payroll and cost side by side, from budget over the effects to forecast."""
    unit = f" ({found.money.currency})" if found.money.currency else ""
    table = TextTable(f"{found.heading}: payroll and loaded cost{unit}")
    if by:
        table.add_column(by.capitalize(), "group")
    table.add_column("Step", "key")
    for label in BRIDGES.values():
        table.add_column(label, "number")
    by_item: dict[Any, dict[str, Step]] = {}
    for step in steps:
        by_item.setdefault(step.item, {})[step.bridge] = step
    for item, of_item in by_item.items():
        table.add_section()
        name = [_text(item)] if by else []
        bridges = [of_item.get(bridge) for bridge in BRIDGES]
        table.add_row(*name, "Budget", *(PLAIN.to_the_cent(one.budget) if one else "–" for one in bridges))
        for effect, words in EFFECTS.items():
            table.add_row(*name, words.label, *(_amount(one, effect) for one in bridges))
        table.add_row(
            *name, "Forecast", *(PLAIN.to_the_cent(one.forecast) if one else "–" for one in bridges)
        )
    return table


def _amount(step: Step | None, effect: str) -> str:
    """Return an effect with its sign; a dash where the bridge does not have it."""
    if step is None or effect not in step.effects:
        return "–"
    return PLAIN.to_the_cent(step.effects[effect], sign="+" if step.effects[effect] else "")


def _meaning(steps: Sequence[Step]) -> str:
    """Return what the effects that are not 0 mean."""
    return " ".join(
        f"{effect.label}: {effect.meaning}."
        for name, effect in EFFECTS.items()
        if name == "residual" or any(step.effects.get(name) for step in steps)
    )


def _text(item: Any) -> str:
    return "" if item is None else f"{item:%Y-%m}" if isinstance(item, date) else str(item)
