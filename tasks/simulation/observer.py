"""The interface to which a simulation reports its progress: the watch of alerts implements it.

So the simulation does not depend on alerts or Prefect.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any, Protocol

from tasks.warehouse.checks import Check


class Observer(Protocol):
    """Receives the progress of a run; entered when the run starts and exited when it ends."""

    def __enter__(self) -> object:
        """The run starts."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The run ends, with an error if `error` is not None."""

    def year(self, year: int) -> AbstractContextManager[None]:
        """Return a context in which a year is simulated."""
        ...

    def see_complete(self, years: Iterable[int]) -> None:
        """These years are complete."""

    def see_checks(self, year: int, checks: Iterable[Check]) -> None:
        """These are the results of the checks of a year."""

    def see_growth(self, year: int, means: Sequence[Mapping[str, Any]]) -> None:
        """A year ended with these figures: means over replicates, a row per scenario."""


class NoObserver:
    """Ignores all reports: for shards, whose run has an observer, and for tests."""

    def __enter__(self) -> "NoObserver":
        """Do nothing."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Do nothing."""

    def year(self, _year: int) -> AbstractContextManager[None]:
        """Return a context without effect."""
        return nullcontext()

    def see_complete(self, years: Iterable[int]) -> None:
        """Do nothing."""

    def see_checks(self, year: int, checks: Iterable[Check]) -> None:
        """Do nothing."""

    def see_growth(self, year: int, means: Sequence[Mapping[str, Any]]) -> None:
        """Do nothing."""
