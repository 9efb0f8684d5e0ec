"""Prefect's schedules in words, and when each is due."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from prefect.client.schemas.schedules import SCHEDULE_TYPES, CronSchedule, IntervalSchedule, RRuleSchedule


def timezone_of(timing: SCHEDULE_TYPES) -> str:
    """The time zone of a schedule; Prefect's own default where it names none."""
    return getattr(timing, "timezone", None) or "UTC"


def when(timing: SCHEDULE_TYPES) -> str:
    """When a schedule starts runs, in words."""
    match timing:
        case CronSchedule():
            return f"cron {timing.cron}"
        case IntervalSchedule():
            return f"every {timing.interval.total_seconds():g} s"
        case RRuleSchedule():
            return timing.rrule
    return "never"


def next_start(timing: SCHEDULE_TYPES) -> datetime | None:
    """When a schedule is due next, as the server computes it; None where it never is again."""
    # takes the server's code with it
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
