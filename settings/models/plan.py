"""Settings of known actions: what is certain or likely to happen to named people or numbers of people."""

from pydantic import Field

from settings.models.base import SettingsGroup
from settings.models.location import FileLocation


class PlanSettings(SettingsGroup):
    """The file of known actions, and what it may contain."""

    actions: FileLocation | None = Field(
        description="File of known actions, .csv, .parquet or .xlsx, or its URL; a relative path in a "
        "settings or scenario file starts at that file's folder; null: none"
    )
    allow_new_values: bool = Field(
        description="Whether actions may name values of dimensions that nobody has, such as a new department"
    )
