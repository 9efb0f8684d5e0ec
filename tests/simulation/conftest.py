"""Shared runs of the exactness tests, each with many cases."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import polars as pl
import pytest

from tasks.census.sample import sample_census
from tests.simulate import Finished, Overrides, simulate

Row = Mapping[str, Any]

RAISES = ("cola", "promotion", "merit")
SPREAD_DATES = {"01-01": "0.3", "04-01": "0.3", "07-01": "0.4"}


def by_year(*values: float) -> dict[int, str]:
    """A value for each year of the run."""
    return {year: str(value) for year, value in enumerate(values, start=2025)}


#: All scenarios are in one run, where a further scenario takes little time.
SCENARIOS: dict[str, Overrides] = {
    "baseline": {},
    "cola": {"compensation.cola_rate": "0.06"},
    "turnover": {"workforce.total_termination_rate": "0.20"},
    "shrink": {"simulation.target_growth_rate": "-0.10", "workforce.total_termination_rate": "0.02"},
    "grow": {"simulation.target_growth_rate": "0.20"},
    "all_leave": {"workforce.total_termination_rate": "1", "workforce.new_hire_termination_rate": "0.6"},
    "no_hazard": {
        "workforce.total_termination_rate": "0.85",
        "workforce.termination.voluntary.factors.tenure": {"<2": 0, "20+": 0},
    },
    "capped": {"workforce.termination.voluntary.base": 1, "workforce.promotion.base": 1},
    # each raise falls on one of three dates, drawn: all orders of the three occur, and all coincidences
    "spread": {
        "compensation.effective_dates": {raised: dict(SPREAD_DATES) for raised in RAISES},
        "workforce.promotion.base": "0.5",
    },
    # COLA and merit reach those hired earlier in the same year
    "late": {
        "compensation.eligibility_cutoff": {"month": 10, "day": 1, "year_offset": 0},
        "compensation.effective_dates": {
            "cola": {"11-01": 1},
            "promotion": {"12-31": 1},
            "merit": {"08-15": 1},
        },
    },
    "by_year": {
        "simulation.target_growth_rate": by_year(0.1, -0.05, 0, 0.2, 0.03),
        "workforce.total_termination_rate": by_year(0.1, 0, 0.3, 0.12, 0.5),
        "workforce.new_hire_termination_rate": by_year(0, 0.5, 0.25, 0.1, 0.333),
        "compensation.cola_rate": by_year(0, 0.01, -0.02, 0.1, 0.025),
        "compensation.merit_budget": by_year(0, 0.01, 0.02, 0.1, 0.04),
    },
    "mix": {
        "hiring.level_mix": {1: "0.5", 3: "0.5"},
        "hiring.dimension_mix": [
            {"values": {"department": "Sales", "location": "Oslo"}, "share": "0.7"},
            {"values": {"department": None, "location": "Oslo"}, "share": "0.3"},
        ],
    },
    "expected": {"simulation.mode": "expected"},
}  # fmt: skip

#: The scenarios of which the targets are quotas.
EXACT = [scenario for scenario in SCENARIOS if scenario != "expected"]


def census(employees: int) -> pl.DataFrame:
    """A sample census with cases on a boundary: dates at a year's turn, nulls, the cut-off."""
    dates = {
        "birth_date": (date(1990, 1, 1), date(1989, 12, 31), date(1990, 1, 2), date(1996, 2, 29)),
        "hire_date": (date(2024, 12, 31), date(2024, 1, 1), date(2024, 9, 30), date(2024, 10, 1)),
    }
    edges = pl.DataFrame(
        {
            "employee_id": ["0001", "edge-2", "Ø 3", "4"],
            **dates,
            "salary": [Decimal("56000.01"), Decimal("399999.99"), Decimal(81000), Decimal("0.01")],
            "termination_date": [None, None, None, date(2024, 12, 31)],
            "level": [1, 5, 2, 1],
            "department": [None, "Sales", None, None],
            "location": ["Oslo", None, None, "Oslo"],
        },
        schema_overrides={"salary": pl.Decimal(14, 2), "level": pl.Int32},
    )
    return pl.concat([edges, sample_census(employees - edges.height)])


@pytest.fixture(scope="session")
def opening_census() -> pl.DataFrame:
    """The census of `finished`."""
    return census(400)


@pytest.fixture(scope="session")
def finished(opening_census: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """Four years (2028 is a leap year), all scenarios, two replicates."""
    return simulate(
        tmp_path_factory.mktemp("shared"),
        opening_census,
        years="2025-2028",
        replicates=2,
        scenarios=SCENARIOS,
        close=False,
    )


@dataclass(frozen=True)
class History:
    """An employee's year: the opening row (none of a hire), the events in order, the closing row."""

    opening: Row | None
    events: list[Row]
    closing: Row

    @property
    def hire_date(self) -> date:
        """The first day employed."""
        return self.closing["hire_date"]

    def event(self, event_type: str) -> Row | None:
        """The event of a type, of which there is at most one."""
        return next((event for event in self.events if event["event_type"] == event_type), None)


@dataclass(frozen=True)
class PathYear:
    """One year of one replicate of one scenario, by employee."""

    scenario_id: str
    replicate: int
    year: int
    histories: dict[str, History]

    @cached_property
    def opening(self) -> dict[str, Row]:
        """The rows of those employed when the year opens."""
        return {name: one.opening for name, one in self.histories.items() if one.opening is not None}

    @cached_property
    def hires(self) -> dict[str, Row]:
        """The closing rows of those hired in the year."""
        return {name: one.closing for name, one in self.histories.items() if one.opening is None}

    def leavers(self, reason: str) -> dict[str, Row]:
        """The terminations of a reason, by employee."""
        return {
            event["employee_id"]: event
            for one in self.histories.values()
            for event in one.events
            if event["event_reason"] == reason
        }


@pytest.fixture(scope="session")
def path_years(finished: Finished) -> list[PathYear]:
    """The shared run as histories."""
    rows: dict[tuple[str, int, int], dict[str, Row]] = defaultdict(dict)
    for row in finished.snapshot.iter_rows(named=True):
        rows[row["scenario_id"], row["replicate"], row["simulation_year"]][row["employee_id"]] = row
    events: dict[tuple[str, int, int, str], list[Row]] = defaultdict(list)
    for row in finished.events.iter_rows(named=True):
        events[row["scenario_id"], row["replicate"], row["simulation_year"], row["employee_id"]].append(row)
    found = []
    for (scenario, replicate, year), closing in rows.items():
        if year not in finished.years:
            continue
        before = rows[scenario, replicate, year - 1]
        opening = {name: row for name, row in before.items() if row["employment_status"] == "active"}
        assert opening.keys() <= closing.keys()
        found.append(
            PathYear(
                scenario,
                replicate,
                year,
                {
                    name: History(opening.get(name), events[scenario, replicate, year, name], row)
                    for name, row in closing.items()
                },
            )
        )
    assert len(found) == len(SCENARIOS) * 2 * len(finished.years)
    return found
