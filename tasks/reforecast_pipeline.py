"""The steps of a reforecast around its run, as Prefect tasks: thin wrappers of functions without Prefect.

Only steps that write are retried: the others would fail again.
"""

import logging

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.utilities.urls import url_for

from settings import ResolvedSettings
from tasks.alerts.comparisons import BUDGETS
from tasks.alerts.events import emit_comparison
from tasks.pipeline import ONCE, RETRIED
from tasks.reforecast.alert import budget_alert, report_budget
from tasks.reforecast.comparison import Comparison, compare
from tasks.reforecast.lists import Lists, newest_lists
from tasks.reforecast.record import ReforecastRecord
from tasks.reforecast.request import Planned, ReforecastRequest, budget_of, planned
from tasks.reforecast.text import markdown_of, summary
from tasks.server.artifacts import artifact_key
from tasks.server.flow_runs import own_flow_run
from tasks.server.secret_parameters import refuse_secrets

log = logging.getLogger("workforce")


@task(name="reforecast_settings", **ONCE)
def reforecast_settings(request: ReforecastRequest) -> ResolvedSettings:
    """Load and validate the settings, which name lists and budget. Raises InputError."""
    refuse_secrets(request.sets, {"settings": None})
    return request.settings()


@task(name="lists_at_hand", **RETRIED)
def lists_at_hand(settings: ResolvedSettings) -> Lists:
    """Find the newest list; fetch it and those before it from an object storage. Raises InputError."""
    lists = newest_lists(settings.base)
    log.info("newest list in %s: %s", lists.shown, lists.newest.path.name)
    return lists


@task(name="planned_reforecast", **ONCE)
def planned_reforecast(request: ReforecastRequest, settings: ResolvedSettings, lists: Lists) -> Planned:
    """Validate the newest list, and find out whether it was reforecast before. Raises InputError."""
    plan = planned(request, settings, lists)
    if plan.is_compared:
        log.info("%s", plan.nothing_to_do)
    return plan


@task(name="compared_with_budget", **ONCE)
def compared_with_budget(request: ReforecastRequest, settings: ResolvedSettings, plan: Planned) -> Comparison:
    """Compare the finished run with the budget. Raises InputError."""
    found = compare(plan, budget_of(settings, request.output), settings.base.reforecast.threshold)
    log.info("%s", summary(found))
    return found


@task(name="show_reforecast", **RETRIED)
def show_reforecast(found: Comparison) -> None:
    """Show in Prefect's UI what differs from the budget, and what explains it."""
    create_markdown_artifact(
        key=artifact_key("reforecast", found.run.run_id),
        markdown=markdown_of(found),
        description=summary(found),
    )


@task(name="report_reforecast", **RETRIED)
def report_reforecast(request: ReforecastRequest, settings: ResolvedSettings, found: Comparison) -> None:
    """Raise an alert if a figure moved beyond the threshold, else resolve those of earlier reforecasts.

    If a server's automations watch (`alerts.watch: server`), they raise and resolve alerts. What was compared
    is recorded last: a reforecast that was killed before reports again, and equal alerts are sent once.
    """
    if settings.base.alerts.watch == "server":
        flow_run = own_flow_run()
        link = url_for("flow-run", flow_run.id) if flow_run else None
        alert = budget_alert(found, link or found.run.report.resolve().as_uri())
        emit_comparison(BUDGETS, found.budget_name, alert)
    else:
        report_budget(found, settings.base, request.output)
    record = ReforecastRecord.of(found.list_name, found.budget, settings.base)
    record.write(found.run.reforecast)
