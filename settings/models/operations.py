"""Settings of operations: time limits, alerts, machine, dbt. They do not change results."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, ByteSize, Field, SecretStr, TypeAdapter

from settings.models.base import NOT_BOOLEAN, FilePath, SettingsGroup, Share, unique_key

Seconds = Annotated[int, Field(ge=1, le=604_800), NOT_BOOLEAN]
Limit = Annotated[Decimal, Field(ge=Decimal("0.001"), le=604_800, decimal_places=3)]
Threads = Annotated[int, Field(ge=1, le=1024), NOT_BOOLEAN]


class SlaSettings(SettingsGroup):
    """Limits of time and of what is ordinary, beyond which an alert is raised."""

    run_seconds: Limit = Field(description="Time allowed for the whole run (seconds)")
    year_seconds: Limit = Field(description="Time allowed for one simulated year (seconds)")
    cancel_seconds: Limit | None = Field(
        description="Time after which a deployed run is cancelled (seconds); null: never"
    )
    heartbeat_seconds: Limit = Field(
        description="Time without a heartbeat after which a run counts as dead (seconds)"
    )
    late_seconds: Limit = Field(description="Delay allowed for the start of a deployed run (seconds)")
    pool_seconds: Limit = Field(description="Time that the work pool may be without a worker (seconds)")
    failures_to_pause: Annotated[int, Field(ge=1, le=100), NOT_BOOLEAN] = Field(
        description="Failures within a day (number) after which a deployment is paused"
    )
    growth_tolerance: Share = Field(
        description="Difference between realised and target growth (share) that raises an alert"
    )


def _is_url(url: SecretStr) -> SecretStr:
    scheme, separator, rest = url.get_secret_value().partition("://")
    if not (scheme and separator and rest):
        raise ValueError("an Apprise URL is expected, such as slack://… or mailto://…")
    return url


class Channel(SettingsGroup):
    """A channel to which alerts are sent."""

    name: str = Field(min_length=1, max_length=60, description="Name of the channel, shown in logs")
    url: Annotated[SecretStr, AfterValidator(_is_url)] = Field(description="Apprise URL; secret, never shown")
    min_severity: Literal["info", "warning", "critical"] = Field(
        default="warning", description="Lowest severity sent to this channel"
    )
    level: Annotated[int, Field(ge=1, le=100), NOT_BOOLEAN] = Field(
        default=1, description="Escalation level (number): 1 is notified first, 2 if nobody acknowledges, …"
    )
    quiet_hours: (
        Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")] | None
    ) = Field(
        default=None,
        description="Local time, such as 22:00-07:00, during which only critical alerts are sent; null: none",
    )


class AlertSettings(SettingsGroup):
    """Who is notified when something goes wrong."""

    channels: Annotated[list[Channel], AfterValidator(unique_key("channel", "name"))] = Field(
        description="Channels, each {name, url, min_severity, level, quiet_hours}"
    )
    watch: Literal["process", "server"] = Field(
        description="What watches a run: its own process, or the automations of `workforce deploy`"
    )
    window_seconds: Seconds = Field(
        description="Time during which equal alerts are sent once, with a count (seconds)"
    )
    digest_after: Annotated[int, Field(ge=1, le=10_000), NOT_BOOLEAN] = Field(
        description="Alerts (number) within the window that are sent one by one; further ones become a digest"
    )
    escalate_seconds: Seconds = Field(
        description="Time to acknowledge an alert before the next level is notified (seconds)"
    )
    retries: Annotated[int, Field(ge=0, le=20), NOT_BOOLEAN] = Field(
        description="Further attempts (number) to deliver a message; the wait doubles each time"
    )
    retry_seconds: Seconds = Field(description="Wait before the first further attempt (seconds)")


MemorySize = Annotated[str, Field(pattern=r"^[1-9]\d*(\.\d+)?\s?(KB|MB|GB|TB|KiB|MiB|GiB|TiB)$")]
_BYTES = TypeAdapter(ByteSize)


def bytes_of(size: MemorySize) -> int:
    """Return a size such as 4GB (4,000,000,000) or 1.5 GiB (1,610,612,736) in bytes."""
    return _BYTES.validate_python(size)


class MachineSettings(SettingsGroup):
    """Resources of the machine that a run may use."""

    threads: Threads | None = Field(description="DuckDB threads (number); null: all cores")
    memory_limit: MemorySize | None = Field(
        description="DuckDB memory limit, such as 4GB or 4GiB; null: DuckDB's own default"
    )
    spill_directory: FilePath | None = Field(
        description="Folder for data that does not fit in memory; null: inside the run directory"
    )
    reader_memory: MemorySize | None = Field(
        description="Memory allowed for reading the census, such as 4GB; null: half of the machine's. A "
        "file that needs more is refused"
    )
    reader_seconds: Annotated[int, Field(ge=1, le=86_400), NOT_BOOLEAN] = Field(
        description="Time allowed for fetching the census, and the same again for reading it (seconds)"
    )


class DbtSettings(SettingsGroup):
    """How dbt runs."""

    node_tasks: bool = Field(description="true: each model is a task on Prefect's timeline, which is slower")
    threads: Threads = Field(description="dbt threads (number): models built at the same time")
