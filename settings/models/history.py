"""Settings of the history: past lists of employees, or a file of hires and exits, to estimate rates from."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.models.base import MERGED, SettingsGroup, unique
from settings.models.census import Identifier, NonEmpty
from settings.models.location import FileLocation


class HistorySettings(SettingsGroup):
    """The history and how to read it; formats, dimensions and limits are those of the census."""

    path: FileLocation | None = Field(
        description="Folder with a list of employees per date, each named by its date (2023-12-31.csv), or "
        "one file of hires and exits; .csv, .parquet or .xlsx; a relative path in a settings file starts at "
        "that file's folder; null: none"
    )
    kind: Literal["auto", "snapshots", "events"] = Field(
        description="What path holds: lists of employees (snapshots), or one file with every hire and exit "
        "(events); auto: a folder holds snapshots, a file events"
    )
    start: date | None = Field(
        description="First day from which an events file is complete, that is, from which it has everyone "
        "who left (date). Nothing before it counts as exposure. Required for events, unused for snapshots"
    )
    columns: Annotated[dict[Identifier, NonEmpty], Field(json_schema_extra={MERGED: True})] = Field(
        description="Column name of the product -> column name in the files, as in {reason: Exit Reason}; "
        "names that are not here are mapped by census.columns"
    )
    exclude_reasons: Annotated[list[NonEmpty], AfterValidator(unique("reason"))] = Field(
        description="Reasons of exits that are not to be projected, such as a closed site: these people "
        "are exposed until they leave, and their exit does not count"
    )
