"""Shared fixtures of the census tests: a small census as rows of text, and functions that read it."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from settings.models.calendar import FiscalCalendar
from settings.models.census import CensusSettings
from tasks.census.opening import Opening
from tasks.census.read import Census, read_census

LEVELS = tuple(
    (level, Decimal(minimum), Decimal(maximum))
    for level, minimum, maximum in (
        (1, 56_000, 80_000), (2, 81_000, 120_000), (3, 121_000, 160_000), (4, 161_000, 250_000),
        (5, 275_000, 400_000),
    )
)  # fmt: skip
OPENING = Opening(FiscalCalendar.of("01-01", None, 2025))
HEADER = "employee_id,birth_date,hire_date,salary,termination_date,level,department,location"
GOOD = "0017,1980-02-29,2010-05-01,60000.00,,1,Sales,Oslo"

Read = Callable[..., Census]
ReadCsv = Callable[..., Census]


def census_settings(**changes: Any) -> CensusSettings:
    defaults: dict[str, Any] = {
        "path": None,
        "columns": {},
        "dimensions": ["department", "location"],
        "salary_basis": "actual",
        "max_rejected_share": "0",
        "date_formats": [],
        "decimal_comma": "auto",
        "currency": None,
        "empty_values": [],
        "allow_empty": False,
        "encoding": "auto",
        "sheet": None,
    }
    return CensusSettings(**(defaults | changes))


@pytest.fixture
def read(reads_here: None) -> Read:
    """Reads a file that opens the year 2025, with settings changed by keyword."""

    def read_file(path: Path, **changes: Any) -> Census:
        return read_census(path, census_settings(**changes), levels=LEVELS, opening=OPENING)

    return read_file


@pytest.fixture
def read_csv(tmp_path: Path, read: Read) -> ReadCsv:
    """Reads a census from lines of CSV, bytes or a text."""

    def read_lines(content: Sequence[str] | str | bytes, name: str = "census.csv", **changes: Any) -> Census:
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else "\n".join(content) + "\n"
            path.write_bytes(text.encode())
        return read(path, **changes)

    return read_lines


@pytest.fixture
def row() -> Callable[..., str]:
    """A good row with some cells replaced."""

    def changed(**cells: str) -> str:
        names = HEADER.split(",")
        values = dict(zip(names, GOOD.split(","), strict=True))
        assert set(cells) <= set(names)
        return ",".join((values | cells).values())

    return changed
