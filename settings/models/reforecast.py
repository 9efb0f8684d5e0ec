"""Settings of the reforecast: where the newest list is, and which difference from the budget is reported."""

from pydantic import Field

from settings.models.base import SettingsGroup, Share
from settings.models.location import FileLocation


class ReforecastSettings(SettingsGroup):
    """The lists from which `workforce reforecast` opens, and the difference that raises an alert."""

    path: FileLocation | None = Field(
        description="Folder, or URL of one (s3://bucket/lists), of lists of employees, each named by its "
        "date (2026-03-31.csv): the newest is the census, those before show what has happened; a relative "
        "path in a settings file starts at that file's folder; null: none"
    )
    threshold: Share = Field(
        description="Difference of a year's headcount, payroll or loaded cost from the budget (share of the "
        "budget) beyond which an alert is raised"
    )
