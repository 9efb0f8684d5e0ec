"""Converts schedules between settings (deployment.schedules) and Prefect's objects."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, get_type_hints
from zoneinfo import ZoneInfo

from prefect.client.schemas.objects import DeploymentSchedule
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.flows import Flow
from pydantic import TypeAdapter, ValidationError

from flows.multi_year import multi_year_simulation
from flows.reforecast import reforecast
from settings import InputError, Settings, secrets_apart
from settings.errors import nearest
from settings.models.deployment import Schedule
from tasks.server.names import REFORECAST, RUNS
from tasks.server.schedule_record import MOST_CHARACTERS, parameters_of, too_long
from tasks.server.schedule_times import timezone_of

#: The flow of each deployment that may have schedules.
FLOWS: Mapping[str, Flow[Any, Any]] = {RUNS: multi_year_simulation, REFORECAST: reforecast}


def check_parameters(settings: Settings) -> None:
    """Raise one InputError with all errors, if Prefect could not start the runs of a schedule or an event."""
    problems = []
    try:
        typed(REFORECAST, settings.deployment.reforecast or {})
    except InputError as error:
        problems.append(f"deployment.reforecast: {error}")
    for number, schedule in enumerate(settings.deployment.schedules):
        for key, make in (("cron", prefect_schedule), ("parameters", typed_parameters)):
            try:
                make(schedule)
            except InputError as error:
                problems.append(f"deployment.schedules.{number}.{key} ({schedule.slug}): {error}")
    if not problems and too_long({one.slug: typed_parameters(one) for one in settings.deployment.schedules}):
        problems.append(
            f"deployment.schedules: the parameters together take {MOST_CHARACTERS:,} characters or more, "
            "which Prefect does not store; move long parameters to a settings file and name it as config"
        )
    if problems:
        raise InputError("\n".join(problems))


def prefect_schedule(schedule: Schedule) -> CronSchedule | IntervalSchedule:
    """Return the schedule as Prefect's object. Raises InputError if Prefect cannot parse cron."""
    if schedule.interval is not None:
        midnight = datetime(2024, 1, 1, tzinfo=ZoneInfo(schedule.timezone))
        return IntervalSchedule(
            interval=timedelta(seconds=schedule.interval), anchor_date=midnight, timezone=schedule.timezone
        )
    try:
        return CronSchedule(cron=str(schedule.cron), timezone=schedule.timezone)
    except ValidationError as error:
        reasons = "; ".join(details["msg"].removeprefix("Value error, ") for details in error.errors())
        raise InputError(reasons) from None


def typed_parameters(schedule: Schedule) -> dict[str, Any]:
    """Return the parameters in the flow's types, as JSON. Raises InputError if the flow would refuse them."""
    return typed(schedule.deployment, schedule.parameters or {})


def typed(deployment: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters of a deployment in its flow's types, as JSON. Raises InputError as above."""
    types = get_type_hints(FLOWS[deployment].fn)
    del types["return"]
    found, problems = {}, []
    for name, value in parameters.items():
        if name not in types:
            problems.append(f"{name}: not a parameter of {deployment}; {nearest(name, types)}")
            continue
        adapter: TypeAdapter[Any] = TypeAdapter(types[name])
        try:
            found[name] = adapter.dump_python(adapter.validate_python(value), mode="json")
        except ValidationError as error:
            problems += [f"{name}: {details['msg']}" for details in error.errors()]
    if secrets_apart(found.get("settings") or ())[1]:
        problems.append(
            "settings: alert channels are secret and not allowed here, since Prefect shows the parameters of "
            "schedules and deployments; pass alerts.channels to `workforce deploy`"
        )
    if problems:
        raise InputError("; ".join(problems))
    return found


def settings_of(
    deployment: str, existing: DeploymentSchedule, recorded: dict[str, dict[str, Any]]
) -> Schedule | None:
    """Return a schedule on the server as a settings entry; None if settings cannot express it.

    Args:
        deployment: The deployment that has the schedule.
        existing: The schedule.
        recorded: Deployed parameters by slug, for a schedule whose parameters Prefect dropped.
    """
    timing = existing.schedule
    document: dict[str, Any] = {
        "slug": existing.slug,
        "deployment": deployment,
        "timezone": timezone_of(timing),
        "active": existing.active,
        "parameters": parameters_of(existing, recorded) or None,
    }
    if isinstance(timing, CronSchedule):
        document["cron"] = timing.cron
    elif isinstance(timing, IntervalSchedule):
        document["interval"] = timing.interval.total_seconds()
    try:
        return Schedule.model_validate(document)
    except ValidationError:  # somebody added it without a slug, or with a kind that settings do not have
        return None
