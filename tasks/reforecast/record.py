"""reforecast.json in a run directory: with what the run was compared; written once that is reported."""

from decimal import Decimal
from typing import ClassVar, Self

from settings import Settings
from tasks.runs.budget import NamedBudget
from tasks.runs.directory import RunDirectory
from tasks.system.documents import Document


class ReforecastRecord(Document):
    """The list from which a run opened, and the budget and threshold with which it was compared."""

    newest_format: ClassVar[int] = 1
    advice: ClassVar[str] = "remove it, and the next reforecast compares the run again"

    list: str  # the file's name
    budget: str  # the absolute path of the run directory
    scenario: str | None
    threshold: Decimal

    @classmethod
    def of(cls, file: str, budget: NamedBudget, settings: Settings) -> Self:
        """Return the record of a comparison by these settings."""
        return cls(
            format_version=cls.newest_format,
            list=file,
            budget=str(budget.directory.path.resolve()),
            scenario=budget.scenario,
            threshold=settings.reforecast.threshold,
        )

    @classmethod
    def find(cls, directory: RunDirectory) -> Self | None:
        """Return the record in a run directory; None if the run was not compared yet."""
        try:
            return cls.read(directory.reforecast)
        except FileNotFoundError:
            return None
