"""Settings of the deployed simulation: the schedules that `workforce deploy` creates on a Prefect server."""

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from settings.models.base import NOT_BOOLEAN, SettingsGroup, unique_key

#: The deployments that schedules start.
Scheduled = Literal["multi-year/default", "reforecast/monthly"]


def _is_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # unknown, a folder of time zones, or not a name
        raise ValueError(
            "the name of a time zone is expected, such as UTC, Europe/Berlin or America/New_York"
        ) from None
    return name


class Schedule(SettingsGroup):
    """A schedule: when runs start, and with which parameters."""

    slug: str = Field(min_length=1, max_length=100, description="Name of the schedule; Prefect's slug")
    deployment: Scheduled = Field(default="multi-year/default", description="Deployment whose runs it starts")
    cron: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="Cron expression: minute, hour, day of month, month, day of week"
    )
    interval: Annotated[int, Field(ge=10, le=31_622_400), NOT_BOOLEAN] | None = Field(
        default=None, description="Alternative to cron: time between runs (seconds), counted from midnight"
    )
    timezone: Annotated[str, AfterValidator(_is_timezone)] = Field(
        default="UTC", description="Time zone of cron, or of the midnight of interval"
    )
    active: bool | None = Field(
        default=None,
        description="Whether the schedule starts runs; null: on when created, unchanged by later deploys",
    )
    parameters: dict[str, Any] | None = Field(
        default=None,
        description="Parameters of its runs, as in {census: data/census.csv}; null: unchanged by deploys",
    )

    @model_validator(mode="after")
    def _has_cron_or_interval(self) -> "Schedule":
        if (self.cron is None) == (self.interval is None):
            raise ValueError('a schedule needs either cron, such as "0 6 1 * *", or interval (seconds)')
        return self


class DeploymentSettings(SettingsGroup):
    """What `workforce deploy` creates on a server in addition to limits and channels."""

    schedules: Annotated[list[Schedule], AfterValidator(unique_key("schedule", "slug"))] = Field(
        description="Schedules, each {slug, deployment, cron or interval, timezone, active, parameters}"
    )
    reforecast: dict[str, Any] | None = Field(
        description="Default parameters of reforecast/monthly, with which a submitted list starts it, as in "
        "{config: data/settings.yaml}; null: unchanged by deploys"
    )
