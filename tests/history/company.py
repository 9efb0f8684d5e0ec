"""A made-up company whose every hire and exit is known, written as lists of employees or as one file."""

import csv
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

DATES = (date(2015, 12, 31), date(2016, 12, 31), date(2017, 12, 31), date(2018, 12, 31), date(2019, 12, 31))
LAST = date(2020, 1, 20)
REASONS = ("Resigned", "Retired", "Site closed")


@dataclass(frozen=True)
class Spell:
    """One employment. The exit is the last day employed."""

    id: str
    birth: date
    hire: date
    exit: date | None
    reason: str
    department: str
    salary: float
    level: int

    def employed(self, day: date) -> bool:
        return self.hire <= day and (self.exit is None or self.exit > day)


def company(seed: int, people: int = 150, yearly_hires: int = 40) -> list[Spell]:
    """The spells from long before the first date until LAST; about one in seven leaves per year."""
    draw = random.Random(seed)
    first = DATES[0] - timedelta(days=3000)
    hires = [first + timedelta(days=draw.randrange(3000)) for _ in range(people)]
    days = (LAST - DATES[0]).days
    hires += [DATES[0] + timedelta(days=draw.randrange(1, days)) for _ in range(yearly_hires * days // 365)]
    spells = []
    for number, hire in enumerate(hires):
        stays = int(draw.expovariate(0.15 / 365)) + 1
        leaves = hire + timedelta(days=stays)
        left = leaves <= LAST
        spells.append(
            Spell(
                id=f"{number:05d}",
                birth=hire - timedelta(days=365 * 18 + draw.randrange(365 * 35)),
                hire=hire,
                exit=leaves if left else None,
                reason=draw.choice(REASONS) if left else "",
                department=draw.choice(("Sales", "Plant", "IT")),
                salary=draw.randrange(300, 900) * 100.0,
                level=draw.randrange(1, 6),
            )
        )
    return spells


def with_mass_exit(spells: Iterable[Spell], after: date, before: date) -> list[Spell]:
    """The same spells, but every third of those employed on a date has left when the other date comes."""
    spells = list(spells)
    staying = (each for each in spells if each.employed(after))
    leaving = {each.id for number, each in enumerate(staying) if number % 3 == 0}
    day = after + (before - after) / 2
    return [replace(each, exit=day, reason="Resigned") if each.id in leaving else each for each in spells]


def list_rows(spells: Iterable[Spell], day: date, leavers_since: date | None = None) -> list[dict[str, Any]]:
    """The list of a date; with `leavers_since`, also those who left after that date."""
    return [
        _row(each) | {"salary": f"{each.salary * 1.03 ** (day.year - 2015):.2f}", "level": each.level}
        for each in spells
        if each.employed(day)
        or (leavers_since is not None and each.exit and each.hire <= day and leavers_since < each.exit <= day)
    ]


def _row(each: Spell) -> dict[str, Any]:
    return {
        "employee_id": each.id,
        "birth_date": each.birth,
        "hire_date": each.hire,
        "termination_date": each.exit or "",
        "reason": each.reason,
        "department": each.department,
    }


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_lists(
    folder: Path, spells: Iterable[Spell], dates: Sequence[date] = DATES, *, leavers: bool = True
) -> Path:
    """Lists with the leavers since the list before; without: only those employed, and no exit at all."""
    spells = list(spells)
    for before, day in zip([None, *dates], dates, strict=False):
        rows = list_rows(spells, day, before if leavers else None)
        if not leavers:
            rows = [{k: v for k, v in row.items() if k not in ("termination_date", "reason")} for row in rows]
        write_csv(folder / f"{day}.csv", rows)
    return folder


def write_events(path: Path, spells: Iterable[Spell]) -> Path:
    return write_csv(path, [_row(each) for each in spells])
