"""Who looks on while a run is at work: the watch of alerts, or nobody.

The simulation reports to an observer and knows nothing of alerts or Prefect.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any, Protocol

from tasks.warehouse.checks import Check


class Observer(Protocol):
    """What a run at work reports; entered when the work begins and left when it ends."""

    def __enter__(self) -> object:
        """The run begins."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The run ends, by this error if there is one."""

    def year(self, year: int) -> AbstractContextManager[None]:
        """A year is simulated within the block."""
        ...

    def see_complete(self, years: Iterable[int]) -> None:
        """These years are complete."""

    def see_checks(self, year: int, checks: Iterable[Check]) -> None:
        """These checks were made of a year."""

    def see_growth(self, year: int, means: Sequence[Mapping[str, Any]]) -> None:
        """A year ended with these figures: means over replicates, a row per scenario."""


class NoObserver:
    """Observes nothing: for shards, whose run is observed as a whole, and for tests."""

    def __enter__(self) -> "NoObserver":
        """Nothing begins."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing ends."""

    def year(self, _year: int) -> AbstractContextManager[None]:
        """Nothing is watched."""
        return nullcontext()

    def see_complete(self, years: Iterable[int]) -> None:
        """Nothing is noted."""

    def see_checks(self, year: int, checks: Iterable[Check]) -> None:
        """Nothing is noted."""

    def see_growth(self, year: int, means: Sequence[Mapping[str, Any]]) -> None:
        """Nothing is noted."""
