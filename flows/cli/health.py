"""`workforce health`: prints the checks as a table or as JSON; exits 1 if a check fails."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from prefect.settings import PREFECT_API_URL

from flows.cli.leave import FAILED
from flows.cli.options import Config, Output, Sets
from tasks.alerts.dead_runs import alert_of_dead_runs
from tasks.alerts.store_file import StoreTrouble
from tasks.health.checks import FAILURES_COUNT_DAYS, as_document, findings
from tasks.runs.request import RunRequest, accept_settings
from tasks.text.tables import TextTable
from tasks.text.terminal import console


def health(
    output: Output = Path("runs"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")] = False,
    alert: Annotated[
        bool, typer.Option("--alert", help="Raise an alert for runs whose heartbeat has stopped; for cron.")
    ] = False,
    days: Annotated[
        float, typer.Option(min=0, help="Days for which an unacknowledged failure counts.")
    ] = FAILURES_COUNT_DAYS,
    config: Config = None,
    set_: Sets = None,
) -> None:
    """Check disk, memory, recent runs, the Prefect API and the deployments; exits 1 if a check fails.

    A failed run counts until it completes, its alert is acknowledged, or --days have passed.
    """
    if alert:
        settings = accept_settings(RunRequest(config, sets=tuple(set_ or ())))
        is_given = settings.provenance["sla.heartbeat_seconds"].layer != "default"
        with suppress(StoreTrouble):  # a finding below
            alert_of_dead_runs(output, settings.base, by_record=not is_given)
    found = findings(output, PREFECT_API_URL.value(), days)
    document = as_document(found)
    if as_json:
        print(json.dumps(document, indent=2))
    else:
        table = TextTable()
        for heading in ("Check", "Status"):
            table.add_column(heading, "key")
        for heading in ("Observed", "Expected", "What to do"):
            table.add_column(heading, "prose")
        for finding in found:
            cells = (finding.check, finding.status, finding.observed, finding.expected, finding.advice)
            table.add_row(*cells, style="" if finding.status == "ok" else "bold red")
        console().print(table)
    if document["status"] != "ok":
        raise typer.Exit(FAILED)
