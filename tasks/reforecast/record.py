"""reforecast.json in a run directory: with what the run was compared; written once that is reported."""

from decimal import Decimal
from pathlib import Path
from typing import ClassVar, Self

from settings import InputError, Settings
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

    def is_newest(self, directory: RunDirectory) -> bool:
        """Return whether no other run beside this one was compared with the same budget since then.

        A list may be restated and then taken back: the alerts are those of the list between.
        """
        compared_at = directory.reforecast.stat().st_mtime_ns
        for path in directory.path.parent.glob(f"*/{directory.reforecast.name}"):
            if path.stat().st_mtime_ns > compared_at and self._is_of_same_budget(path):
                return False
        return True

    def _is_of_same_budget(self, path: Path) -> bool:
        try:
            other = type(self).read(path)
        except InputError:  # a damaged record, or one of a newer version: to compare once more does no harm
            return True
        return (other.budget, other.scenario) == (self.budget, self.scenario)
