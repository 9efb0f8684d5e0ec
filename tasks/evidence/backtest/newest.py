"""Whether the newest list lies within the forecast of the list before it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from tasks.evidence.backtest.scores import newest_case

#: Share of figures that lie outside the 90 % band if the forecasts are right.
BY_CHANCE = 0.1
#: Parts of the company outside the band that a message names.
LISTED = 8


@dataclass(frozen=True)
class Case:
    """One figure of the newest window: of the whole company, or of a part of it."""

    figure: str
    dimension: str | None
    value: str | None
    actual: float
    p05: float
    p50: float
    p95: float

    @property
    def is_outside(self) -> bool:
        """Whether what happened lies outside the 90 % band; its ends are inside."""
        return not self.p05 <= self.actual <= self.p95

    @property
    def numbers(self) -> tuple[str, str, str, str]:
        """Actual, lower end, median and upper end as text; with decimals if rounding hid a difference."""
        numbers = (self.actual, self.p05, self.p50, self.p95)
        actual, low, median, high = (f"{each:,.0f}" for each in numbers)
        if self.is_outside and actual in (low, high):
            actual, low, median, high = (f"{each:,.2f}" for each in numbers)
        return actual, low, median, high

    @property
    def text(self) -> str:
        """The numbers, as in "61; forecast 42, 90 % band 33 to 52"."""
        actual, low, median, high = self.numbers
        return f"{actual}; forecast {median}, 90 % band {low} to {high}"


@dataclass(frozen=True)
class Newest:
    """The forecasts of the newest origin for the window that has ended since, with what happened."""

    origin: date
    until: date
    cases: tuple[Case, ...]

    @property
    def missed(self) -> tuple[Case, ...]:
        """The figures of the whole company outside their band."""
        return tuple(each for each in self.cases if each.dimension is None and each.is_outside)

    @property
    def facts(self) -> dict[str, str]:
        """The missed figures as lines of a message, and the parts of the company outside their bands."""
        return {
            "Window": f"{self.origin} to {self.until}",
            **{each.figure.capitalize(): each.text for each in self.missed},
            **dict(self._parts()),
        }

    def _parts(self) -> Iterator[tuple[str, str]]:
        parts = [each for each in self.cases if each.dimension is not None]
        if not parts:
            return
        outside = [each for each in parts if each.is_outside]
        expected = BY_CHANCE * len(parts)
        yield (
            "Parts of the company outside",
            f"{len(outside)} of {len(parts)} figures; {expected:,.1f} are expected by chance",
        )
        for each in outside[:LISTED]:
            yield f"{each.figure.capitalize()} of {each.dimension} {each.value}", each.text
        if len(outside) > LISTED:
            yield "Further figures outside", f"{len(outside) - LISTED}"


def newest_forecast(rows: pl.DataFrame) -> Newest:
    """Return the newest forecast that can be compared, from the rows of a backtest, which has some."""
    cases = newest_case(rows)
    names = ("figure", "dimension", "value", "actual", "p05", "p50", "p95")
    return Newest(
        cases["origin"][0],
        cases["until"][0],
        tuple(Case(**row) for row in cases.select(names).iter_rows(named=True)),
    )
