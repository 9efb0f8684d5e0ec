"""`workforce chance`: the probability that goals are reached."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli.options import AsCsv, AsJson, Output, RunId
from flows.cli.printing import printing
from settings.errors import InputError
from tasks.results.certainty import certainty
from tasks.results.report.write import require_years
from tasks.runs.calendar import recorded_calendar
from tasks.runs.directory import find_run_directory
from tasks.runs.record import read_record
from tasks.studies.chance import Chance, chances, stated_goals
from tasks.text.money import Money
from tasks.text.tables import TextTable
from tasks.warehouse.published import published


def chance_command(
    run_id: RunId,
    goals: Annotated[
        list[str] | None,
        typer.Argument(
            help="FIGURE[@YEAR] <=, >= or = AMOUNT, as in 'payroll@2027<=300M'; several are allowed. Without "
            "a year: in every year. Default: the goals in the run's settings."
        ),
    ] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    output: Output = Path("runs"),
) -> None:
    """Print the share of replicates in which goals hold, by scenario, with its 95 % interval."""
    with printing(as_json, as_csv) as out:
        directory = find_run_directory(output, run_id)
        record = read_record(directory)
        years = range(record.years[0], record.years[1] + 1)
        wanted = stated_goals(
            goals or (), record.settings, years, recorded_calendar(record), Money.of(record)
        )
        if not wanted:
            raise InputError(
                f"run {record.run_id} has no goals in its settings (goals); give one, as in "
                f"'payroll@{record.years[1]}<=300M'"
            )
        found: list[Chance] = []
        with published(directory.results) as connection:
            require_years(connection, directory)
            for stated, judged, problem in chances(connection, wanted, years):
                if problem:
                    raise InputError(f"goal {stated.text!r}: {problem}")
                found += judged
        place = {name: number for number, name in enumerate(record.scenario_ids)}
        found.sort(key=lambda one: place[one.scenario_id])
        out.table(_table(found))
        for sentence in certainty(record, found):
            out.say(sentence)


def _row(chance: Chance) -> dict[str, Any]:
    return {
        "scenario": chance.scenario_id,
        "goal": chance.goal.text,
        "name": chance.goal.name,
        "probability": chance.probability,
        "low": chance.low,
        "high": chance.high,
        "holds": chance.holds,
        "replicates": chance.replicates,
        "without_value": chance.without_value,
    }


def _table(found: Sequence[Chance]) -> TextTable:
    table = TextTable("Chance that goals are reached, with 95 % interval (Wilson)")
    table.add_column("Scenario", "group")
    table.add_column("Goal", "prose")
    for heading in ("Chance", "Interval", "Holds in"):
        table.add_column(heading, "number")
    for one in found:
        named = str(one.goal.goal)
        table.add_row(
            one.scenario_id,
            named if one.goal.name == named else f"{one.goal.name}: {named}",
            f"{one.probability:.1%}",
            f"{one.low:.1%} – {one.high:.1%}",
            f"{one.holds:,} of {one.replicates:,}",
            values=_row(one),
        )
    return table
