"""Settings of ensembles: the wanted precision, and how a run is split into shards."""

from typing import Annotated, Literal

from pydantic import Field

from settings.models.base import NOT_BOOLEAN, SettingsGroup

# Names of tasks/studies/figures.py.
FigureName = Literal[
    "headcount",
    "payroll",
    "hires",
    "leavers",
    "turnover",
    "average_pay",
    "promotions",
    "paid",
    "fte",
    "loaded_cost",
    "bonus",
    "benefits",
    "payroll_tax",
    "recruiting",
    "severance",
]
Precision = Annotated[float, Field(gt=0, le=1)]


class EnsembleSettings(SettingsGroup):
    """Wanted precision, and how a run is split into shards. These settings do not change a row."""

    precision: dict[FigureName, Precision] = Field(
        description="Figure -> half-width of its mean's 95 % confidence interval (share of the mean); "
        "replicates are added until every scenario and year reaches it"
    )
    max_replicates: Annotated[int, Field(ge=2, le=100_000), NOT_BOOLEAN] = Field(
        description="Largest number of replicates used to reach the wanted precision (number)"
    )
    shards: Annotated[int, Field(ge=1, le=10_000), NOT_BOOLEAN] | None = Field(
        description="Parts into which scenarios and replicates are split (number); null: by size and memory"
    )
    workers: Annotated[int, Field(ge=1, le=1024), NOT_BOOLEAN] = Field(
        description="Shards simulated at the same time on one machine (number); they divide its threads and "
        "memory"
    )
    engine: Literal["processes", "dask", "deployment"] = Field(
        description="What runs shards: processes on this machine, Dask through prefect-dask, or deployment "
        "shard/part-of-a-run on workers of pool workforce-shards"
    )
    storage: Annotated[str, Field(pattern=r"^[a-z0-9+]+://.+")] | None = Field(
        description="URL of a folder through which machines without a shared file system exchange shards, "
        "such as s3://bucket/folder; null: shards are in the run directory"
    )
    dask_address: Annotated[str, Field(min_length=1)] | None = Field(
        description="Dask scheduler, such as tcp://host:8786, whose workers can access the run directory; "
        "null: a local cluster for the run"
    )
