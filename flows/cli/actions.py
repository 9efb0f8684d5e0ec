"""`workforce actions`: checks a file of known actions."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import AsCsv, AsJson, Config, RejectsFile, Sets
from flows.cli.printing import printing
from flows.cli.rejects import refuse_table, rejects_file
from settings.models.location import location
from tasks.plan.accepted import actions_summary, counts_by_year
from tasks.plan.errors import ActionsError
from tasks.plan.read import read_actions
from tasks.runs.request import RunRequest, accept_census, accept_settings
from tasks.text.facts import facts_table

actions_app = typer.Typer(no_args_is_help=True, help="Check a file of known actions.")


@actions_app.callback()
def _actions() -> None:
    """Keep `check` a subcommand: typer would make it the command itself."""


@actions_app.command("check")
def actions_check(
    file: Annotated[str, typer.Argument(help="The actions: a file or URL.")],
    config: Config = None,
    census: Annotated[
        str | None, typer.Option(help="Census, a file or URL. Default: that of the settings.")
    ] = None,
    scenario: Annotated[list[Path] | None, typer.Option(help="Scenario file; repeat it as in a run.")] = None,
    set_: Sets = None,
    rejects: RejectsFile = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Validate known actions against settings and census, without running a simulation.

    Exit status: 0 a run would accept the file; 2 it is invalid.
    """
    with printing(as_json, as_csv, "summary", "counts") as out:
        settings = accept_settings(
            RunRequest(
                config,
                census=census,
                actions=file,
                scenarios=tuple(scenario or ()),
                sets=tuple(set_ or ()),
            )
        )
        target = rejects_file(rejects)
        people, _ = accept_census(settings)
        try:
            read = read_actions(
                location(file), settings.scenarios, people, [each.id for each in settings.scenarios]
            )
        except ActionsError as error:
            refuse_table(error, target)
        out.table(facts_table(actions_summary(read), "summary"))
        out.table(counts_by_year(read, settings.base.simulation.calendar))
        for warning in read.warnings or ["No warnings"]:
            out.say(f"warning: {warning}" if read.warnings else warning)
