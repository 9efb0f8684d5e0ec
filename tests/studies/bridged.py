"""Small companies as published tables, with pay and cost added up day by day, to be budget and forecast.

The sums are made independently of the SQL under test.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from random import Random
from typing import Any

import duckdb
import polars as pl

from tasks.studies.variance.bridge import Bridges, bridge
from tasks.studies.variance.measures import Measured, Period, measure

YEAR = 2026
OPENS, CLOSES, DAYS = date(YEAR, 1, 1), date(YEAR, 12, 31), 365
MONTHS = [date(YEAR, month, 1) for month in range(1, 13)]
CENT = Decimal("0.01")


@dataclass(frozen=True)
class State:
    """What somebody is and earns from a day on."""

    level: int = 1
    department: str = "Sales"
    salary: Decimal | int = 73_000
    fte: Decimal = Decimal(1)


@dataclass(frozen=True)
class Person:
    """An employee of the year: the state at the start, and what changes it from a day on."""

    start: State
    hired: date | None = None  # None: before the year
    left: date | None = None
    is_reduction: bool = False
    changes: tuple[tuple[date, str, Callable[[State], State]], ...] = ()

    @property
    def first_day(self) -> date:
        return self.hired or OPENS

    @property
    def last_day(self) -> date:
        return self.left or CLOSES

    @cached_property
    def states(self) -> list[tuple[date, str, State, State]]:
        """Date, kind, state before and state after each change in the time employed."""
        state, found = self.start, []
        for day, kind, change in sorted(self.changes, key=lambda entry: entry[0]):
            if self.first_day <= day <= self.last_day and not (self.hired and day == self.first_day):
                found.append((day, kind, state, change(state)))
                state = change(state)
        return found

    def on(self, day: date) -> State:
        """Return the state on a day employed."""
        return next((after for when, *_, after in reversed(self.states) if when <= day), self.start)


@dataclass(frozen=True)
class Company:
    """People, and the rates of section cost: bonus by level, the others as rate and amount."""

    people: tuple[Person, ...]
    bonus: dict[int, float] = field(default_factory=lambda: {2: 0.1})
    benefits: tuple[float, int] = (0.2, 9_000)
    payroll_tax: tuple[float, int] = (0.08, 100)
    recruiting: tuple[float, int] = (0.1, 5_000)
    severance: tuple[float, int] = (0.5, 2_000)

    def with_people(self, change: Callable[[Person], Person]) -> "Company":
        """Return the company with everybody changed."""
        return replace(self, people=tuple(map(change, self.people)))

    def rates(self) -> pl.DataFrame:
        """Return the rates by level, as `cost_rates` does."""
        names = ("benefits", "payroll_tax", "recruiting", "severance")
        shared = {f"{name}_rate": getattr(self, name)[0] for name in names}
        shared |= {f"{name}_amount": float(getattr(self, name)[1]) for name in names}
        return pl.DataFrame(
            [{"level": level, "bonus_rate": self.bonus.get(level, 0.0), **shared} for level in (1, 2, 3)]
        )

    def months(self) -> pl.DataFrame:
        """Return the rows of fct_month_summary, rounded to the cent as the simulation rounds them."""
        cells: dict[tuple[date, int, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for person in self.people:
            paid, in_cents = 0, 0
            for day in range((person.last_day - person.first_day).days + 1):
                today = person.first_day + timedelta(day)
                state = person.on(today)
                paid += int(100 * state.salary)
                now = (2 * paid + DAYS) // (2 * DAYS)  # half up
                cell = cells[today.replace(day=1), state.level, state.department]
                cell["salary"] += (now - in_cents) * CENT
                cell["days"] += 1
                in_cents = now
                if today == person.hired:
                    cell["hires"] += 1
                    cell["hired"] += person.start.salary
                if today == person.left and person.is_reduction:
                    cell["reductions"] += 1
                    cell["reduced"] += state.salary
        return pl.DataFrame([self._row(*key, cell) for key, cell in cells.items()])

    def _row(self, month: date, level: int, department: str, cell: dict[str, Decimal]) -> dict[str, Any]:
        def cost(base: Decimal, rate: float, number: Decimal = Decimal(0), amount: int = 0) -> Decimal:
            exact = base * Decimal(str(rate)) + number * amount
            return exact.quantize(CENT, ROUND_HALF_UP)

        salary = cell["salary"]
        bonus = cost(salary, self.bonus.get(level, 0.0))
        loaded = salary + bonus
        loaded += cost(salary, self.benefits[0], cell["days"] / DAYS, self.benefits[1])
        loaded += cost(salary + bonus, self.payroll_tax[0], cell["days"] / DAYS, self.payroll_tax[1])
        loaded += cost(cell["hired"], self.recruiting[0], cell["hires"], self.recruiting[1])
        loaded += cost(cell["reduced"], self.severance[0], cell["reductions"], self.severance[1])
        keys = {"month": month, "level": level, "department": department}
        return {**keys, "salary_cost": salary.quantize(CENT), "loaded_cost": loaded}

    def measured(self, months: Sequence[date] = MONTHS, dimension: str = "department") -> Measured:
        """Return what the program measures in the company's published tables in these months.

        `dimension` is the name of the departments' column.
        """
        with duckdb.connect() as connection:
            for name, rows in (
                ("fct_workforce_snapshot", pl.DataFrame([*self._snapshot()], schema=SNAPSHOT)),
                ("fct_workforce_events", pl.DataFrame([*self._events()], schema=EVENTS)),
                ("fct_month_summary", self.months()),
            ):
                of_path = rows.with_columns(
                    scenario_id=pl.lit("baseline"), simulation_year=pl.lit(YEAR), replicate=pl.lit(1)
                )
                connection.register(name, of_path.rename(lambda it: it.replace("department", dimension)))
            period = Period(YEAR, tuple(months), DAYS)
            return measure(connection, "baseline", 1, period, [dimension], self.rates())

    def _snapshot(self) -> Iterator[dict[str, Any]]:
        for number, person in enumerate(self.people):
            state = person.on(person.last_day)
            hired = person.hired or date(2020, 5, 1)
            dates = {"hire_date": hired, "termination_date": person.left}
            yield {"employee_id": str(number), **dates, **_columns(state)}

    def _events(self) -> Iterator[dict[str, Any]]:
        for number, person in enumerate(self.people):
            events: list[tuple[date, str, State | None, State | None]] = [*person.states]
            if person.hired:
                events.insert(0, (person.hired, "hire", None, person.start))
            if person.left:
                events.append((person.left, "termination", person.on(person.left), None))
            for sequence, (day, kind, before, after) in enumerate(events, 1):
                reason = "reduction_in_force" if kind == "termination" and person.is_reduction else None
                yield {
                    "employee_id": str(number),
                    "event_sequence": sequence,
                    "event_date": day,
                    "event_type": kind,
                    "event_reason": reason,
                    **_columns(before, "_before"),
                    **_columns(after, "_after"),
                }


def _columns(state: State | None, suffix: str = "") -> dict[str, Any]:
    names = ("level", "salary", "fte", "department")
    return {f"{name}{suffix}": None if state is None else getattr(state, name) for name in names}


_STATE = {"level": pl.Int32, "salary": pl.Decimal(14, 2), "fte": pl.Decimal(7, 6), "department": pl.String}
SNAPSHOT: Any = {"employee_id": pl.String, "hire_date": pl.Date, "termination_date": pl.Date, **_STATE}
EVENTS: Any = {
    "employee_id": pl.String,
    "event_sequence": pl.Int32,
    "event_date": pl.Date,
    "event_type": pl.String,
    "event_reason": pl.String,
    **{f"{name}{suffix}": kind for suffix in ("_before", "_after") for name, kind in _STATE.items()},
}


def bridged(budget: Company, forecast: Company) -> Bridges:
    """Return the bridges from one company to the other."""
    return bridge(budget.measured(), forecast.measured())


def raised(percent: int) -> Callable[[State], State]:
    """Return the change of a raise."""
    factor = Decimal(100 + percent) / 100
    return lambda state: replace(state, salary=(state.salary * factor).quantize(CENT))


def halved(state: State) -> State:
    """Return the state of somebody who works half as much."""
    return replace(state, salary=(state.salary * Decimal("0.5")).quantize(CENT), fte=state.fte / 2)


def cola(percent: int, day: date) -> tuple[date, str, Callable[[State], State]]:
    """Return a general increase on a day."""
    return day, "cola", raised(percent)


def random_company(seed: int) -> Company:
    """Return a company with every kind of member and of change."""
    random = Random(seed)

    def day(after: date = OPENS) -> date:
        return after + timedelta(random.randrange((CLOSES - after).days + 1))

    def person() -> Person:
        fte = random.choice([Decimal(1), Decimal(1), Decimal("0.5"), Decimal("0.8")])
        level = random.choice([1, 1, 2])
        salary = int(random.randrange(500, 900) * 100 * level * fte)
        state = State(level, random.choice(["Sales", "Legal", "Engineering"]), salary, fte)
        hired = day() if random.random() < 0.3 else None
        left = day(hired or OPENS) if random.random() < 0.3 else None
        changes = [
            (date(YEAR, 1, 1), "cola", raised(2)),
            (date(YEAR, 4, 1), "promotion", lambda state: replace(raised(10)(state), level=state.level + 1)),
            (day(), "transfer", lambda state: replace(state, department="Legal")),
            (day(), "fte", halved),
            (date(YEAR, 7, 1), "merit", raised(random.randrange(6))),
        ]
        kept = [
            change for change in changes if random.random() < 0.5 and not (change[1] == "fte" and fte < 1)
        ]
        is_reduction = left is not None and hired is None and random.random() < 0.3
        return Person(state, hired, left, is_reduction, tuple(kept))

    def amounts() -> tuple[float, int]:
        return random.randrange(100) / 1000, random.randrange(10) * 100

    return Company(
        tuple(person() for _ in range(random.randrange(1, 60))),
        {2: random.randrange(20) / 100},
        *(amounts() for _ in range(4)),
    )
