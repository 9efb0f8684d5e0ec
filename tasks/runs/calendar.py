"""The fiscal calendar of a recorded run."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from settings.models.calendar import FiscalCalendar
from tasks.census.opening import Opening
from tasks.runs.record import RunRecord


def calendar_of(settings: Mapping[str, Any]) -> FiscalCalendar:
    """Return the calendar of recorded settings; those of older versions have calendar years."""
    simulation = settings["simulation"]
    opening = simulation.get("opening_date")
    return FiscalCalendar.of(
        simulation.get("fiscal_year_start", "01-01"),
        None if opening is None else date.fromisoformat(str(opening)),
        simulation["start_year"],
    )


def recorded_calendar(record: RunRecord) -> FiscalCalendar:
    """Return the calendar of a run."""
    return calendar_of(record.settings)


def recorded_opening(record: RunRecord) -> Opening:
    """Return the opening date of a run, and where it comes from."""
    return Opening(recorded_calendar(record), record.census.opening_from)
