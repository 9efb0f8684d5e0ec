"""What past lists and the census show of the first fiscal year before the opening date."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from settings import load_settings
from tasks.census.accepted import Census
from tasks.history.actuals import Actuals, NoActuals, read_actuals
from tasks.history.errors import HistoryError

LEVELS = ((1, Decimal(50_000), Decimal(80_000)), (2, Decimal(81_000), Decimal(120_000)))
#: Lists of 30 June, 31 July and 31 August 2025; the census is of 15 September, the fiscal year of 1 July.
LISTS = {
    "2025-06-30": """
        E1,2020-01-01,60000,Sales
        E2,2020-01-01,60000,Sales
        E3,2020-01-01,60000,Sales
        E4,2020-01-01,60000,Sales
    """,
    "2025-07-31": """
        E1,2020-01-01,60000,Sales
        E2,2020-01-01,90000,Engineering
        E4,2020-01-01,60000,Sales
        N1,2025-07-14,55000,Sales
    """,
    "2025-08-31": """
        E1,2020-01-01,60000,Sales
        E2,2020-01-01,90000,Engineering
        N1,2025-07-14,55000,Sales
        N2,2001-01-01,55000,Sales
    """,
}
ReadActuals = Callable[..., Actuals | NoActuals]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The lists as files."""
    path = tmp_path / "lists"
    path.mkdir()
    for day, rows in LISTS.items():
        lines = [
            "employee_id,hire_date,salary,department",
            *(line.strip() for line in rows.strip().split("\n")),
        ]
        (path / f"{day}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def read(reads_here: None) -> ReadActuals:
    """Reads the actuals of a run that opens on 15 September 2025."""

    def read_at(path: Path | None, *sets: str, opening: str = "2025-09-15") -> Actuals | NoActuals:
        settings = load_settings(
            None,
            environ={},
            sets=[
                *([] if path is None else [f"history.path={path}"]),
                "simulation.fiscal_year_start=07-01",
                f"simulation.opening_date={opening}",
                "simulation.start_year=2026",
                "census.dimensions=[department]",
                *sets,
            ],
        ).base
        return read_actuals(settings, census(), LEVELS)

    return read_at


def census() -> Census:
    """Of 15 September: E1 and N2 are there, N1 left on the 10th, P1 came and left since the last list."""
    day = date(2025, 9, 10)
    rows = [
        ("E1", date(2020, 1, 1), None, 1, 61_000, 0.5, "Sales"),
        ("N1", date(2025, 7, 14), day, 1, 55_000, 1, "Sales"),
        ("N2", date(2001, 1, 1), None, 1, 55_000, 1, "Sales"),
        ("P1", date(2025, 9, 2), day, 2, 90_000, 1, "Sales"),
    ]
    names = ("employee_id", "hire_date", "termination_date", "level", "salary", "fte", "department")
    employees = pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.col("level").cast(pl.Int32))
    return Census(employees, pl.DataFrame(), 4, 0, ("department",), (), "")


def spells(found: Actuals | NoActuals, employee: str) -> list[tuple[object, ...]]:
    """From, to, level, pay, FTE, department, hire and exit of an employee's spells."""
    assert isinstance(found, Actuals)
    columns = ("from_date", "to_date", "level", "salary", "fte", "department", "is_hire", "is_exit")
    return [*found.spells.filter(employee_id=employee).select(columns).iter_rows()]


def on(month: int, day: int) -> date:
    """A day of 2025."""
    return date(2025, month, day)


def test_what_a_list_shows_holds_since_the_list_before(folder: Path, read: ReadActuals) -> None:
    found = read(folder)
    full, half = Decimal(1), Decimal("0.5")
    assert spells(found, "E1") == [
        (on(6, 30), on(6, 30), 1, 60_000, full, "Sales", False, False),
        (on(7, 1), on(7, 31), 1, 60_000, full, "Sales", False, False),
        (on(8, 1), on(8, 31), 1, 60_000, full, "Sales", False, False),
        (on(9, 1), on(9, 15), 1, 61_000, half, "Sales", False, False),
    ]
    # a move and the pay of another level, which the list has no column of
    assert spells(found, "E2")[1] == (on(7, 1), on(7, 31), 2, 90_000, full, "Engineering", False, False)


def test_leavers_have_their_date_or_the_middle_between_two_lists(folder: Path, read: ReadActuals) -> None:
    found = read(folder)
    assert isinstance(found, Actuals)
    assert spells(found, "E3")[-1][:2] == (on(7, 1), on(7, 16)), "in the list of June, not in that of July"
    assert spells(found, "N1")[-1][:2] == (on(9, 1), on(9, 10)), "the census gives the date"
    assert spells(found, "E2")[-1][-1] is True
    assert found.undated == 3  # E3, E4 and E2
    assert found.lists == (on(6, 30), on(7, 31), on(8, 31))


def test_who_comes_begins_on_the_hire_date_or_in_the_middle(folder: Path, read: ReadActuals) -> None:
    found = read(folder)
    assert spells(found, "N1")[0][:2] == (on(7, 14), on(7, 31))
    assert spells(found, "N2")[0] == (on(8, 16), on(8, 31), 1, 55_000, 1, "Sales", True, False), (
        "hired in 2001"
    )
    assert spells(found, "P1") == [(on(9, 2), on(9, 10), 2, 90_000, 1, "Sales", True, True)]


def test_a_list_of_before_tells_who_was_there_when_the_year_began(folder: Path, read: ReadActuals) -> None:
    (folder / "2025-06-30.csv").rename(folder / "2025-05-31.csv")
    found = read(folder)
    assert spells(found, "E1")[0][:2] == (on(6, 1), on(7, 31)), "one spell that covers the first day"
    # E3 left in the middle between 31 May and 31 July
    assert spells(found, "E3") == [(on(6, 1), on(7, 1), 1, 60_000, 1, "Sales", False, True)]


def test_lists_of_the_opening_date_and_later_are_not_read(folder: Path, read: ReadActuals) -> None:
    before = read(folder)
    (folder / "2025-09-15.csv").write_text("no list\n", encoding="utf-8")
    (folder / "2025-10-31.csv").write_text("no list either\n", encoding="utf-8")
    after = read(folder)
    assert isinstance(before, Actuals) and isinstance(after, Actuals)
    assert after.spells.equals(before.spells)


def test_one_list_and_the_census_are_enough(folder: Path, read: ReadActuals) -> None:
    for name in ("2025-07-31.csv", "2025-08-31.csv"):
        (folder / name).unlink()
    assert spells(read(folder), "E1")[-1] == (
        on(7, 1),
        on(9, 15),
        1,
        61_000,
        Decimal("0.5"),
        "Sales",
        False,
        False,
    )


def test_a_stub_stands_alone_if_nothing_shows_how_the_year_began(folder: Path, read: ReadActuals) -> None:
    assert isinstance(read(None), NoActuals)
    (folder / "2025-06-30.csv").unlink()
    found = read(folder)
    assert (
        isinstance(found, NoActuals) and "when 2025-07-01 began: there is no list before it" in found.reason
    )
    old = folder / "2024-01-31.csv"
    old.write_text("employee_id,hire_date,salary\nE1,2020-01-01,60000\n", encoding="utf-8")
    found = read(folder)
    assert isinstance(found, NoActuals) and "the newest list before it is of 2024-01-31" in found.reason


def test_lists_without_pay_and_events_files_are_no_actuals(folder: Path, read: ReadActuals) -> None:
    found = read(folder / "2025-06-30.csv")
    assert isinstance(found, NoActuals) and "no folder of past lists" in found.reason
    (folder / "2025-06-30.csv").write_text("employee_id,hire_date\nE1,2020-01-01\n", encoding="utf-8")
    found = read(folder)
    assert isinstance(found, NoActuals) and found.reason.startswith("2025-06-30.csv")


def test_a_list_that_cannot_be_read_is_an_error(folder: Path, read: ReadActuals) -> None:
    (folder / "2025-07-31.csv").write_text("name\nE1\n", encoding="utf-8")
    with pytest.raises(HistoryError, match=r"2025-07-31\.csv"):
        read(folder)
    with pytest.raises(HistoryError, match="no such file or folder"):
        read(folder / "2025")


def test_pay_that_a_list_lacks_is_that_of_the_next(folder: Path, read: ReadActuals) -> None:
    file = folder / "2025-07-31.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("E1,2020-01-01,60000", "E1,2020-01-01,"), encoding="utf-8")
    assert [row[3] for row in spells(read(folder), "E1")] == [60_000, 60_000, 60_000, 61_000]
    for each in folder.iterdir():
        text = each.read_text(encoding="utf-8")
        each.write_text(text.replace("E4,2020-01-01,60000", "E4,2020-01-01,"), encoding="utf-8")
    found = read(folder)
    assert isinstance(found, NoActuals) and "shows the pay of E4" in found.reason


def test_lists_without_a_dimension_of_the_census_give_no_actuals(folder: Path, read: ReadActuals) -> None:
    """Else nobody would have been in any department when the year began, and segments' targets would be 0."""
    july = folder / "2025-07-31.csv"
    pl.read_csv(july).drop("department").write_csv(july)
    found = read(folder)
    assert isinstance(found, NoActuals)
    assert "2025-07-31.csv" in found.reason and "show no department" in found.reason


def test_a_renamed_department_is_the_same(folder: Path, read: ReadActuals) -> None:
    for day in ("2025-06-30", "2025-07-31"):
        file = folder / f"{day}.csv"
        file.write_text(file.read_text(encoding="utf-8").replace("Sales", "SALES"), encoding="utf-8")
    found = read(folder)
    assert {spell[5] for spell in spells(found, "E1")} == {"Sales"}
    assert spells(found, "E3")[0][5] == "Sales", "also of who left before"
