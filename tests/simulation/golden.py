"""What the engine gave before issue 13 (commit b0c2849), for the bundled sample: golden.json.

Since then the hires who leave within their year are chosen by exposure, so `CASES` have none of them
(new_hire_termination_rate 0), but for those of mode `expected`, in which each leaves by a draw of their own.
`DEFAULT_RATE` are the default settings with them, of which the first year holds but for those leavers.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

FILE = Path(__file__).with_name("golden.json")
YEARS = range(2025, 2030)

_NO_LEAVING_HIRES = {"workforce.new_hire_termination_rate": 0}
_DATES = {
    "cola": {"01-01": "0.3", "05-15": "0.3", "07-01": "0.2", "12-31": "0.2"},
    "promotion": {"02-10": "0.3", "05-15": "0.3", "07-01": "0.2", "12-31": "0.2"},
    "merit": {"01-01": "0.2", "03-03": "0.3", "07-01": "0.3", "11-30": "0.2"},
}
#: Settings by dotted key, as today's settings name them.
CASES: dict[str, dict[str, Any]] = {
    "default": _NO_LEAVING_HIRES,
    "shrink": {
        **_NO_LEAVING_HIRES,
        "simulation.target_growth_rate": "-0.1",
        "workforce.total_termination_rate": "0.03",
    },
    "spread": {
        **_NO_LEAVING_HIRES,
        "compensation.effective_dates": _DATES,
        "compensation.eligibility_cutoff": {"month": 6, "day": 1, "year_offset": 0},
    },
    "promoted": {
        **_NO_LEAVING_HIRES,
        "workforce.promotion.base": 1,
        "compensation.effective_dates": {
            "cola": {"07-01": 1},
            "promotion": {"04-01": 1},
            "merit": {"01-01": 1},
        },
    },
    "raises": {
        **_NO_LEAVING_HIRES,
        "compensation.cola_rate": "-0.05",
        "compensation.merit_budget": 0,
        "compensation.merit_spread": 1,
        "workforce.promotion.level_damping": "0.5",
        "compensation.effective_dates.promotion": {"12-31": 1},
    },
    "expected": {"simulation.mode": "expected"},
}
DEFAULT_RATE = "default_rate"
#: Events whose number does not depend on who leaves.
QUOTAS = ("hire", "termination experienced", "termination new_hire")


class Fact(NamedTuple):
    """An event as it is compared: pay after it in cents, 0 where there is none."""

    year: int
    employee_id: str
    event_type: str
    reason: str | None
    day: date
    cents: int


def fact(
    year: int, employee_id: str, event_type: str, reason: str | None, day: date, pay: Decimal | None
) -> Fact:
    """Return an event as it is compared."""
    return Fact(year, employee_id, event_type, reason, day, 0 if pay is None else int(pay * 100))


def fingerprint(facts: Iterable[Fact]) -> dict[str, dict[str, Any]]:
    """Return by year: per type of event the count and the sum of pay, and a hash of all events."""
    by_year: dict[int, list[Fact]] = defaultdict(list)
    for one in facts:
        by_year[one.year].append(one)
    return {
        str(year): {"types": _types(found), "sha256": _hash(found)} for year, found in sorted(by_year.items())
    }


def _types(facts: Iterable[Fact]) -> dict[str, list[int]]:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in facts:
        name = f"{one.event_type} {one.reason}" if one.reason else one.event_type
        sums[name][0] += 1
        sums[name][1] += one.cents
    return dict(sorted(sums.items()))


def _hash(facts: Iterable[Fact]) -> str:
    rows = sorted((one.employee_id, one.event_type, one.day.isoformat(), one.cents) for one in facts)
    return sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def known() -> dict[str, Any]:
    """Return the fingerprints before the change, by case and year.

    Of DEFAULT_RATE: `counts` of QUOTAS by year, and of the `first` year all but hires who leave.
    """
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def without_leaving_hires(facts: Iterable[Fact]) -> list[Fact]:
    """Return the facts but for terminations in the year of the hire."""
    return [one for one in facts if one.reason != "new_hire"]
