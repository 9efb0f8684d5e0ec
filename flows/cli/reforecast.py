"""`workforce reforecast`: a run from the newest list on, compared with the budget, as deployed ones do."""

import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import AsCsv, AsJson, Config, Output, Sets
from flows.cli.printing import Printer, printing
from flows.cli.rejects import refuse_table
from flows.cli.run import failures_reported
from settings import secrets_apart
from tasks.census.errors import TableError
from tasks.reforecast.comparison import Comparison, compare
from tasks.reforecast.lists import newest_lists
from tasks.reforecast.request import Planned, ReforecastRequest, budget_of, planned
from tasks.reforecast.text import summary, tables_of, variance_command
from tasks.runs.log import show_log
from tasks.runs.request import one_reading
from tasks.server.api import prefect_api
from tasks.text.terminal import say_error
from tasks.warehouse.dbt import parse_in_background


def reforecast_command(
    config: Config = None,
    scenario: Annotated[
        list[Path] | None, typer.Option(help="Scenario file; repeat it to run several side by side.")
    ] = None,
    set_: Sets = None,
    output: Output = Path("runs"),
    force: Annotated[
        bool, typer.Option("--force", help="Simulate and compare again, even if the same was done before.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Show Prefect's own log, and tracebacks.")
    ] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Simulate from the newest list of employees on, and compare with the budget.

    reforecast.path has the lists, budget.run the budget. An alert is raised if
    a year differs from the budget by more than reforecast.threshold. Exit
    status: 0 done, or the same was done before; 1 the run failed; 2 the input
    is invalid.
    """
    with printing(as_json, as_csv, "figures", "effects") as out:
        show_log(logging.INFO if verbose or not sys.stderr.isatty() else logging.WARNING)
        request = ReforecastRequest(config, tuple(scenario or ()), tuple(set_ or ()), output, force)
        with one_reading():
            settings = request.settings()
            try:
                plan = planned(request, settings, newest_lists(settings.base))
            except TableError as error:
                refuse_table(error, output / "rejected" / "reforecast.csv")
            if plan.is_compared:
                out.say(plan.nothing_to_do)
                return
            say_error(plan.opening_line)
            parse_in_background()
            with failures_reported(plan.directory, verbose), prefect_api(quiet=not verbose):
                _start(request)
        found = compare(plan, budget_of(settings, output), settings.base.reforecast.threshold)
        _print(plan, found, out)


def _start(request: ReforecastRequest) -> None:
    """Call the flow. Secrets go through the environment, because Prefect stores a flow's parameters."""
    given, secret = secrets_apart(request.sets)
    os.environ.update(secret)
    # Prefect is imported once the input is accepted
    from flows.reforecast import reforecast

    reforecast(
        config=request.config,
        scenario=list(request.scenarios),
        settings=given,
        output=request.output,
        force=request.force,
    )


def _print(plan: Planned, found: Comparison, out: Printer) -> None:
    out.table(*tables_of(found))
    for year in found.years:
        for note in year.notes:
            out.say(f"{year.label}: {note}")
    out.say(summary(found))
    out.say(f"Results: {plan.directory.path}/. The bridge by level: {variance_command(found)}")
