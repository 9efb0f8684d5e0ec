"""Settings of the deployed simulation: the schedules that `workforce deploy` puts on a Prefect server."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from settings.models.base import NOT_BOOLEAN, SettingsGroup, each_its_own


def _is_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # unknown, a folder of time zones, or no name at all
        raise ValueError(
            "the name of a time zone is expected, such as UTC, Europe/Berlin or America/New_York"
        ) from None
    return name


class Schedule(SettingsGroup):
    """When runs start by themselves, and with which parameters."""

    slug: str = Field(min_length=1, max_length=100, description="Name of the schedule; Prefect's slug")
    cron: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="When, as in cron: minute, hour, day of month, month, day of week"
    )
    interval: Annotated[int, Field(ge=10, le=31_622_400), NOT_BOOLEAN] | None = Field(
        default=None, description="Instead of cron: time between runs (seconds), from a midnight on"
    )
    timezone: Annotated[str, AfterValidator(_is_timezone)] = Field(
        default="UTC", description="Time zone of cron and of the midnight"
    )
    active: bool | None = Field(
        default=None,
        description="Whether runs start; null: on when the schedule is made, then as people leave it",
    )
    parameters: dict[str, Any] | None = Field(
        default=None,
        description="Parameters of its runs, as in {census: data/census.csv}; null: as people leave them",
    )

    @model_validator(mode="after")
    def _has_one_rhythm(self) -> "Schedule":
        if (self.cron is None) == (self.interval is None):
            raise ValueError('a schedule needs either cron, such as "0 6 1 * *", or interval (seconds)')
        return self


class DeploymentSettings(SettingsGroup):
    """What `workforce deploy` puts on a server beside limits and channels."""

    schedules: Annotated[list[Schedule], AfterValidator(each_its_own("schedule", "slug"))] = Field(
        description="Schedules of multi-year/default, each {slug, cron or interval, timezone, active, "
        "parameters}"
    )
