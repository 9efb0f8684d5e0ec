"""Rounding, draws, quotas, apportionment and days: what the model's other modules share."""

import hashlib
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from itertools import accumulate
from typing import TypeVar

CENT = Decimal("0.01")

Key = TypeVar("Key")


def round_half_up(x: Decimal | Fraction) -> int:
    """R(x) = floor(x + 0.5)."""
    return math.floor(Fraction(x) + Fraction(1, 2))


def to_cents(amount: Decimal) -> Decimal:
    """Money, half up to the cent."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def draw(seed: int, year: int, replicate: int, stream: str, employee_id: str) -> float:
    """The uniform draw of an employee in a stream: the top 53 of md5's first 64 bits, little-endian."""
    return draw_of_text(f"{seed}|{year}|{replicate}|{stream}|{employee_id}")


def draw_of_text(text: str) -> float:
    """The uniform draw that belongs to a text."""
    digest = hashlib.md5(text.encode()).digest()
    return (int.from_bytes(digest[:8], "little") >> 11) / 2**53


@dataclass(frozen=True)
class Quotas:
    """How many leave and are hired in a year."""

    ending_headcount: int
    experienced_terminations: int
    reductions: int
    hires: int
    new_hire_terminations: int


def quotas(
    opening: int, growth: Decimal, rate: Decimal, new_hire_rate: Decimal, *, experienced: int | None = None
) -> Quotas:
    """The arithmetic of the targets; `experienced` where those who leave were drawn (mode expected)."""
    ending = round_half_up(opening * (1 + growth))
    if experienced is None:
        experienced = round_half_up(opening * rate)
    needed = ending - (opening - experienced)
    if needed < 0:
        return Quotas(ending, experienced, -needed, 0, 0)
    hires = hires_for(needed, new_hire_rate)
    return Quotas(ending, experienced, 0, hires, hires - needed)


def hires_for(needed: int, new_hire_rate: Decimal) -> int:
    """The smallest number of hires H with H - R(H r) = needed, 0 or more."""

    def staying(hired: int) -> int:
        return hired - round_half_up(hired * new_hire_rate)

    # `staying` never falls and rises by 0 or 1, so the smallest number of hires is found by bisection.
    enough = math.ceil((needed + 1) / (1 - new_hire_rate)) + 1
    hires = bisect_left(range(enough + 1), needed, key=staying)
    assert staying(hires) == needed
    return hires


def largest_remainder(seats: int, weights: Mapping[Key, Decimal | int]) -> dict[Key, int]:
    """Apportion seats by weight; what is left goes to the largest remainders, ties to the earlier key."""
    total = sum(map(Fraction, weights.values()))
    exact = {key: seats * Fraction(weight) / total for key, weight in weights.items()}
    given = {key: math.floor(share) for key, share in exact.items()}
    by_remainder = sorted(exact, key=lambda key: given[key] - exact[key])  # a stable sort keeps ties in order
    for key in by_remainder[: seats - sum(given.values())]:
        given[key] += 1
    return given


def completed_years(since: date, on: date) -> int:
    """Completed years, never negative."""
    return max(0, on.year - since.year - ((on.month, on.day) < (since.month, since.day)))


def band(value: int, lower_bounds: Sequence[int], labels: Sequence[str]) -> str:
    """The label of the band [lo, hi) that a value lies in."""
    return labels[sum(value >= bound for bound in lower_bounds) - 1]


def scale_to_target(found: Iterable[float], target: float) -> list[float]:
    """Mode expected: the hazards times the factor at which, capped at 1, they sum to the target.

    Bisection on the factor, where the SQL solves for it. At least one hazard is to be positive, and
    the target no more than the number of positive ones.
    """
    unscaled = list(found)
    low, high = 0.0, 1 / min(hazard for hazard in unscaled if hazard > 0)
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(min(1.0, middle * h) for h in unscaled) < target else (low, middle)
    return [min(1.0, high * hazard) for hazard in unscaled]


def race_time(uniform: float, hazard: float) -> float:
    """When an employee would leave in the exponential race; never at hazard 0."""
    return -math.log(1 - uniform) / hazard if hazard > 0 else math.inf


def prorated(
    periods: Iterable[tuple[date, Decimal]], last_day: date, days_in_year: int | None = None
) -> Decimal:
    """Pay of a year: salaries by the day from which they hold, to the last day employed, rounded once.

    `days_in_year` are those of the fiscal year; none: of the calendar year.
    """
    starts = list(periods)
    days_in_year = days_in_year or (date(last_day.year, 12, 31) - date(last_day.year - 1, 12, 31)).days
    ends = [start.toordinal() for start, _ in starts[1:]] + [last_day.toordinal() + 1]
    earned = sum(
        (
            Fraction(salary) * (end - start.toordinal())
            for (start, salary), end in zip(starts, ends, strict=True)
        ),
        Fraction(),
    )
    return Decimal(round_half_up(earned * 100 / days_in_year)) / 100


def first_above(weights: Iterable[Decimal | int | Fraction], uniform: float) -> int:
    """The place of the first weight at which the sum so far exceeds the draw's share of the total."""
    reached = _sums(tuple(weights))
    return bisect_right(reached, Fraction(uniform) * reached[-1])


@cache
def _sums(weights: tuple[Decimal | int | Fraction, ...]) -> list[Fraction]:
    """The sum of the weights up to each; kept, since most draws share their weights."""
    return list(accumulate(Fraction(weight) for weight in weights))
