"""Leavers among hires, from lists that are not a year apart."""

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tasks.evidence.estimate.hire_year import left_in_hire_year
from tasks.evidence.estimate.joiners import joiners_of
from tests.history.conftest import ReadHistory

pytestmark = pytest.mark.slow

HAZARD = 0.3


@pytest.mark.parametrize("days", [91, 365, 730])
def test_the_share_of_hires_who_leave_does_not_depend_on_the_distance_of_lists(
    days: int, read: ReadHistory, tmp_path: Path
) -> None:
    """Of hires spread over a year who leave at 0.3 a year, 13.6 % leave by its end."""
    dates = [date(2019, 12, 31) + timedelta(days=days * number) for number in range(1460 // days + 1)]
    _write(tmp_path, dates)
    found = joiners_of(read(tmp_path), 0.0, 0.25).left_in_hire_year
    assert found is not None
    assert found.value == pytest.approx(1 - (1 - np.exp(-HAZARD)) / HAZARD, abs=0.012)
    assert found.low < found.value < found.high


def _write(folder: Path, dates: list[date]) -> None:
    """Write lists with 4 hires a day, and those who left after the list before."""
    generator = np.random.default_rng(1)
    first, last = dates[0], dates[-1]
    people: list[tuple[str, date, date]] = [("P0", date(2010, 1, 1), date(2099, 1, 1))]
    for day in range(1, (last - first).days + 1):
        for number in range(4):
            stays = timedelta(days=int(generator.exponential(365 / HAZARD)))
            hired = first + timedelta(days=day)
            people.append((f"P{day}-{number}", hired, hired + stays))
    for before, day in zip([date.min, *dates], dates, strict=False):
        with (folder / f"{day}.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["employee_id", "hire_date", "termination_date"])
            for name, hired, left in people:
                if hired <= day and left > before:
                    rows.writerow([name, hired, left if left <= day else ""])


def test_few_hires_are_held_near_the_rate_of_the_settings() -> None:
    hires = pl.DataFrame(
        {
            "left": [False] * 3,
            "hire_date": [date(2023, 5, 1)] * 3,
            "exit_date": [None] * 3,
            "opened": [date(2022, 12, 31)] * 3,
            "closed": [date(2023, 12, 31)] * 3,
        },
        schema_overrides={"exit_date": pl.Date},
    )
    found, _ = left_in_hire_year(hires, 0.25)
    assert found.value == pytest.approx(2 / (3 + 2 / 0.25))
    assert 0 < found.low < found.value < found.high < 0.5
