"""`workforce health`: prints the checks as a table or as JSON; exits 1 if a check fails."""

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from prefect.settings import PREFECT_API_URL

from flows.cli.leave import FAILED
from flows.cli.options import AsCsv, AsJson, Config, Output, Sets
from flows.cli.printing import printing
from tasks.alerts.dead_runs import alert_of_dead_runs
from tasks.alerts.store_file import StoreTrouble
from tasks.health.checks import FAILURES_COUNT_DAYS, as_document, findings
from tasks.runs.request import RunRequest, accept_settings
from tasks.text.tables import TextTable


def health(
    output: Output = Path("runs"),
    as_json: AsJson = False,
    as_csv: AsCsv = False,
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
    with printing(as_json, as_csv) as out:
        if alert:
            settings = accept_settings(RunRequest(config, sets=tuple(set_ or ())))
            is_given = settings.provenance["sla.heartbeat_seconds"].layer != "default"
            with suppress(StoreTrouble):  # a finding below
                alert_of_dead_runs(output, settings.base, by_record=not is_given)
        found = findings(output, PREFECT_API_URL.value(), days)
        document = as_document(found)
        table = TextTable()
        for heading in ("Check", "Status"):
            table.add_column(heading, "key")
        has_advice = any(finding.advice for finding in found)
        for heading in ("Observed", "Expected", *(["What to do"] if has_advice else [])):
            table.add_column(heading, "prose")
        for finding in found:
            advice = [finding.advice] if has_advice else []
            cells = (finding.check, finding.status, finding.observed, finding.expected, *advice)
            style = "" if finding.status == "ok" else "bold red"
            table.add_row(*cells, values=asdict(finding), style=style)
        out.table(table)
        out.document = document
        if document["status"] != "ok":
            raise typer.Exit(FAILED)
