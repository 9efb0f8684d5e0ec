"""Which rows are bad, skipped or kept, and the messages about them."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from tasks.census.read import Census, CensusError, write_rejects
from tasks.census.rules import reasons

HEADER = "employee_id,birth_date,hire_date,salary,termination_date,level,department,location"
Row = Callable[..., str]
ReadCsv = Callable[..., Census]


def rejects_of(read_csv: ReadCsv, *rows: str) -> pl.DataFrame:
    """The rejects of a census that is refused for them."""
    with pytest.raises(CensusError) as refused:
        read_csv([HEADER, *rows])
    assert "max_rejected_share" in str(refused.value)
    return refused.value.rejects


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"employee_id": ""}, "employee_id", "is missing"),
        ({"employee_id": "  "}, "employee_id", "is missing"),
        ({"employee_id": "1\u200b7"}, "employee_id", "invisible character"),
        ({"employee_id": '"1\t7"'}, "employee_id", "invisible character"),
        ({"employee_id": "=1+1"}, "employee_id", "formula"),
        ({"employee_id": "@SUM(A1)"}, "employee_id", "formula"),
        ({"employee_id": "H2025-0000001"}, "employee_id", "simulated hires"),
        ({"birth_date": ""}, "birth_date", "is missing"),
        ({"birth_date": "soon"}, "birth_date", "is not a date"),
        ({"birth_date": "1981-02-29"}, "birth_date", "is not a date"),
        ({"birth_date": "02/29/80"}, "birth_date", "four digits"),
        ({"birth_date": "1880-01-01"}, "birth_date", "1900 to 2199"),
        ({"birth_date": "2025-01-01", "hire_date": ""}, "birth_date", "up to 2024-12-31"),
        ({"hire_date": ""}, "hire_date", "is missing"),
        ({"hire_date": "2025-01-01"}, "hire_date", "up to 2024-12-31"),
        ({"hire_date": "1979-01-01"}, "hire_date", "not after the birth date"),
        ({"hire_date": "1994-02-27"}, "hire_date", "age of 14"),
        ({"termination_date": "2025-01-01"}, "termination_date", "up to 2024-12-31"),
        ({"termination_date": "2024-13-01"}, "termination_date", "is not a date"),
        ({"termination_date": "2010-04-30"}, "termination_date", "before the hire date"),
        ({"salary": ""}, "salary", "is missing"),
        ({"salary": "-5"}, "salary", "not above 0"),
        ({"salary": "0"}, "salary", "not above 0"),
        ({"salary": "0.004"}, "salary", "not above 0"),
        ({"salary": "abc"}, "salary", "is not an amount"),
        ({"salary": "NaN"}, "salary", "is not an amount"),
        ({"salary": "inf"}, "salary", "is not an amount"),
        ({"salary": "5%"}, "salary", "is not an amount"),
        ({"salary": "6e4"}, "salary", "is not an amount"),
        ({"salary": "1234567890123"}, "salary", "9 digits"),
        ({"salary": "999999999.995"}, "salary", "9 digits"),
        ({"level": "6"}, "level", "allowed: 1, 2, 3, 4, 5"),
        ({"level": "0"}, "level", "not a level"),
        ({"level": "1.5"}, "level", "not a level"),
        ({"level": "Manager"}, "level", "not a level"),
        ({"department": "=HYPERLINK(1)"}, "department", "formula"),
        ({"location": '"Os\nlo"'}, "location", "control character"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_rejected_once_with_its_row_column_value_and_reason(
    read_csv: ReadCsv, row: Row, cells: dict[str, str], column: str, reason: str
) -> None:
    rejects = rejects_of(read_csv, row(employee_id="1"), row(**cells))
    faults = rejects.filter(pl.col("column") == column)
    assert faults.height == 1
    number, _, value, message = faults.row(0)
    assert number == 3
    assert value.strip() == cells[column].strip('"').strip()
    assert reason in message
    assert rejects.height == 1 or cells.get("hire_date") == ""


def test_every_reason_of_a_row_is_reported(read_csv: ReadCsv, row: Row) -> None:
    rejects = rejects_of(read_csv, row(birth_date="x", salary="-1", level="9", department="+1"))
    assert rejects["column"].to_list() == ["birth_date", "salary", "level", "department"]
    assert rejects["row_number"].unique().to_list() == [2]


def test_every_row_of_a_duplicate_id_is_rejected_and_names_another(read_csv: ReadCsv, row: Row) -> None:
    rejects = rejects_of(read_csv, row(), row(employee_id="17"), row(), row())
    reasons = dict(rejects.select("row_number", "reason").iter_rows())
    assert {number: reason.split(";")[0] for number, reason in reasons.items()} == {
        2: "is also in row 4", 4: "is also in row 2", 5: "is also in row 2",
    }  # fmt: skip


def test_an_id_keeps_its_blanks_unless_they_alone_tell_it_from_another(read_csv: ReadCsv, row: Row) -> None:
    kept = [" 17", "17", "a b ", "ab"]
    rejects = rejects_of(read_csv, *(row(employee_id=id_) for id_ in kept))
    assert rejects.select("row_number", "value").rows() == [(2, " 17"), (3, "17")]
    assert "row 3 apart from surrounding blanks" in rejects["reason"][0]
    census = read_csv([HEADER, *(row(employee_id=id_) for id_ in kept[1:])])
    assert census.employees["employee_id"].to_list() == kept[1:]


def test_every_rule_has_a_reason_and_is_reached_by_a_column() -> None:
    from tasks.census.rules import CensusRow, DimensionValue, _column_of

    rules = {
        name for schema in (CensusRow, DimensionValue) for name in schema._validation_rules(with_cast=False)
    }
    own = {name for name in rules if "|" not in name}
    assert own == set(reasons(date(2024, 12, 31), [1]))
    assert all(_column_of(name) for name in own if not name.startswith("dimension"))


def test_the_opening_day_is_inclusive(read_csv: ReadCsv, row: Row) -> None:
    census = read_csv(
        [
            HEADER,
            row(employee_id="hired", hire_date="2024-12-31"),
            row(employee_id="left", termination_date="2024-12-31"),
            row(employee_id="left first day", termination_date="2024-01-01"),
            row(employee_id="hired and left", hire_date="2024-06-01", termination_date="2024-06-01"),
        ]
    )
    assert census.employees.height == 4
    assert census.employees["termination_date"].null_count() == 1


def test_who_left_before_the_opening_year_is_skipped_and_counted_however_bad_the_row(
    read_csv: ReadCsv, row: Row
) -> None:
    census = read_csv([HEADER, row(), row(termination_date="2023-12-31", salary="", level="9")])
    assert (census.skipped_terminated, census.rows_read) == (1, 2)
    assert census.employees["employee_id"].to_list() == ["0017"]
    assert census.rejects.is_empty()


def test_a_rehired_person_with_an_old_leaving_date_is_not_lost_in_silence(
    read_csv: ReadCsv, row: Row
) -> None:
    rejects = rejects_of(read_csv, row(hire_date="2022-03-01", termination_date="2019-06-30"))
    assert rejects["column"].to_list() == ["termination_date"]


def test_the_tolerated_share_of_bad_rows_is_inclusive(read_csv: ReadCsv, row: Row) -> None:
    rows = [HEADER, row(salary="-1"), *(row(employee_id=str(number)) for number in range(9))]
    census = read_csv(rows, max_rejected_share="0.1")
    assert census.employees.height == 9
    assert census.rejects["row_number"].to_list() == [2]
    with pytest.raises(CensusError, match="1 of 10 rows are bad"):
        read_csv(rows, max_rejected_share="0.0999")


@pytest.mark.parametrize(
    ("salary", "level"),
    [("1", 1), ("55999.99", 1), ("80999.99", 1), ("81000", 2), ("274999.99", 4), ("275000", 5)],
)
def test_a_missing_level_is_the_highest_whose_minimum_the_salary_reaches(
    read_csv: ReadCsv, row: Row, salary: str, level: int
) -> None:
    employees = read_csv([HEADER, row(salary=salary, level="")]).employees
    assert employees.select("level", "level_inferred").rows() == [(level, True)]


def test_a_given_level_stands_and_may_be_written_as_a_decimal(read_csv: ReadCsv, row: Row) -> None:
    rows = [row(employee_id=str(i), level=text) for i, text in enumerate(["3", "3.0", " 03 "])]
    employees = read_csv([HEADER, *rows]).employees
    assert employees.select("level", "level_inferred").rows() == [(3, False)] * 3


def test_ids_are_kept_verbatim_and_dimensions_may_be_null(read_csv: ReadCsv, row: Row) -> None:
    census = read_csv([HEADER, row(employee_id="000-é 17/A", department="", location=" Oslo ")])
    assert census.employees.select("employee_id", "department", "location").rows() == [
        ("000-é 17/A", None, "Oslo")
    ]


def test_a_dimension_that_reads_as_results_show_an_empty_one_is_empty(read_csv: ReadCsv, row: Row) -> None:
    census = read_csv([HEADER, row(department=" (none) ", location="(None)")])
    assert census.employees.select("department", "location").rows() == [(None, "(None)")]


def test_the_employees_have_the_promised_columns_and_types(read_csv: ReadCsv, row: Row) -> None:
    census = read_csv([HEADER, row()])
    assert dict(census.employees.schema) == {
        "employee_id": pl.String, "birth_date": pl.Date, "hire_date": pl.Date, "termination_date": pl.Date,
        "level": pl.Int32, "level_inferred": pl.Boolean, "salary": pl.Decimal(14, 2),
        "fte": pl.Decimal(7, 6), "department": pl.String, "location": pl.String,
    }  # fmt: skip
    assert census.employees["salary"].to_list() == [Decimal("60000.00")]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (None, "the file has a header and no rows"),
        ({"termination_date": "2023-12-31"}, "1 describe people who left before 2024, 0 who left in 2024"),
        ({"termination_date": "2024-12-31"}, "0 describe people who left before 2024, 1 who left in 2024"),
    ],
)  # fmt: skip
def test_a_census_without_anybody_at_the_opening_is_refused(
    read_csv: ReadCsv, row: Row, cells: dict[str, str] | None, expected: str
) -> None:
    rows = [HEADER] if cells is None else [HEADER, row(**cells)]
    with pytest.raises(
        CensusError, match=f"no employee at the opening date 2024-12-31.*{expected}.*allow_empty"
    ):
        read_csv(rows)
    assert read_csv(rows, allow_empty=True).rows_read == len(rows) - 1


def test_a_census_of_bad_rows_only_is_refused_with_its_rejects(read_csv: ReadCsv, row: Row) -> None:
    with pytest.raises(CensusError, match=r"1 are bad\..*allow_empty") as refused:
        read_csv([HEADER, row(salary="-1")], max_rejected_share="1")
    assert refused.value.rejects.height == 1


def test_a_census_without_employees_is_one_where_settings_allow_it(read_csv: ReadCsv) -> None:
    census = read_csv([HEADER], allow_empty=True)
    assert (census.rows_read, census.employees.height) == (0, 0)
    assert census.employees.columns[-2:] == ["department", "location"]


def test_written_rejects_run_nothing_in_a_spreadsheet(tmp_path: Path) -> None:
    values = ["=1+1", "+A1", "-A1", "@x", " =1", "-5000.00", "plain", ""]
    rejects = pl.DataFrame(
        {"row_number": range(len(values)), "column": "salary", "value": values, "reason": "r"}
    )
    write_rejects(rejects, tmp_path / "rejected" / "run.csv")
    written = pl.read_csv(tmp_path / "rejected" / "run.csv", empty_string_is_null=False)
    assert written["value"].to_list() == ["'=1+1", "'+A1", "'-A1", "'@x", "' =1", "-5000.00", "plain", ""]
