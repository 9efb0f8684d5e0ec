"""Prefect's schedules as text, and their next start."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from prefect.client.schemas.schedules import SCHEDULE_TYPES, CronSchedule, IntervalSchedule, RRuleSchedule


def timezone_of(timing: SCHEDULE_TYPES) -> str:
    """Return the time zone of a schedule; Prefect's default if it names none."""
    return getattr(timing, "timezone", None) or "UTC"


def when(timing: SCHEDULE_TYPES) -> str:
    """Return when a schedule starts runs, as text."""
    match timing:
        case CronSchedule():
            return f"cron {timing.cron}"
        case IntervalSchedule():
            return f"every {timing.interval.total_seconds():g} s"
        case RRuleSchedule():
            return timing.rrule
    return "never"


def next_start(timing: SCHEDULE_TYPES) -> datetime | None:
    """Return a schedule's next start as the server computes it; None if there is none."""
    # imported here, since it loads the server's code
    from prefect.server.schemas import schedules as on_server

    kinds: dict[type, Any] = {
        CronSchedule: on_server.CronSchedule,
        IntervalSchedule: on_server.IntervalSchedule,
        RRuleSchedule: on_server.RRuleSchedule,
    }
    if type(timing) not in kinds:
        return None
    schedule = kinds[type(timing)].model_validate(timing.model_dump())
    dates = asyncio.run(schedule.get_dates(1, start=datetime.now(UTC)))
    return dates[0] if dates else None
