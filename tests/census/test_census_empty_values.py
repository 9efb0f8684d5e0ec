"""Texts that mean an empty cell, and what is proposed where a census is refused for one cause."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from settings import InputError, load_settings
from settings.loading.loader import default_settings
from tasks.census.read import Census, CensusError

HEADER = "employee_id,birth_date,hire_date,salary,termination_date,level,department,location"
Row = Callable[..., str]
ReadCsv = Callable[..., Census]
Read = Callable[..., Census]


def refusal(read_csv: ReadCsv, rows: list[str], **changes: object) -> str:
    with pytest.raises(CensusError) as refused:
        read_csv([HEADER, *rows], **changes)
    return str(refused.value)


@pytest.mark.parametrize(
    ("cell", "empty_value"),
    [
        ("NULL", "NULL"), (" N/A ", "N/A"), ("-", "-"), ("00000000", "00000000"), ("1/1/1900", "1/1/1900"),
        ("01/01/1900", "1900-01-01"), ("1900-01-01", "1/1/1900"), ("31.12.9999", "31.12.9999"),
        ("31.12.9999", "9999-12-31"), ("9999-12-31 00:00:00", "31.12.9999"), ("99991231", "12/31/9999"),
        ("31-DEC-9999", "9999-12-31"), ("12/31/9999", "31/12/9999"), ("0000-00-00", "0000-00-00"),
    ],
)  # fmt: skip
def test_a_text_that_means_empty_is_empty_in_every_form_of_the_same_day(
    read_csv: ReadCsv, row: Row, cell: str, empty_value: str
) -> None:
    refusal(read_csv, [row(termination_date=cell)])
    census = read_csv([HEADER, row(termination_date=cell)], empty_values=["x", empty_value])
    assert census.employees["termination_date"].to_list() == [None]


def test_only_the_same_text_or_day_is_empty(read_csv: ReadCsv, row: Row) -> None:
    rows = [HEADER, row(), row(employee_id="3", termination_date="2024-06-30", department="null", level="2")]
    employees = read_csv(rows, empty_values=["NULL", "9999-12-31", "20240629"]).employees
    read = employees.select("termination_date", "department", "level").row(1)
    assert read == (date(2024, 6, 30), "null", 2)


def test_every_column_that_is_read_has_its_empty_cells(read_csv: ReadCsv, row: Row) -> None:
    kept = row(employee_id="1", level="N/A", department="N/A")
    bad = row(employee_id="2", birth_date="N/A", hire_date="N/A", salary="N/A")
    census = read_csv([HEADER, kept, bad], empty_values=["N/A"], max_rejected_share="1")
    assert census.employees.select("level_inferred", "department").rows() == [(True, None)]
    assert [reason.partition(";")[0] for reason in census.rejects["reason"]] == ["is missing"] * 3


def test_date_cells_of_excel_and_parquet_are_compared_by_their_day(
    tmp_path: Path, read: Read, row: Row
) -> None:
    cells = dict(zip(HEADER.split(","), row().split(","), strict=True)) | {
        "termination_date": date(9999, 12, 31)
    }
    pl.DataFrame(cells).write_parquet(tmp_path / "census.parquet")
    with xlsxwriter.Workbook(tmp_path / "census.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, cells)
        sheet.write_row(1, 0, cells.values(), book.add_format({"num_format": "dd.mm.yyyy"}))
        sheet.write_datetime(1, 4, date(9999, 12, 31), book.add_format({"num_format": "dd.mm.yyyy"}))
    for name in ("census.parquet", "census.xlsx"):
        with pytest.raises(CensusError, match=r'census\.empty_values: \["9999-12-31"\]'):
            read(tmp_path / name)
        employees = read(tmp_path / name, empty_values=["31.12.9999"]).employees
        assert employees["termination_date"].to_list() == [None], name


def test_settings_take_null_in_the_list_for_the_text_that_yaml_lost() -> None:
    sets = ["census.empty_values=[NULL, 31.12.9999, 00000000, '-']"]
    empty = load_settings(environ={}, sets=sets).base.census.empty_values
    assert empty == ["NULL", "Null", "null", "31.12.9999", "00000000", "-"]
    assert default_settings().census.empty_values == []
    for wrong in ("[[]]", "['']", "NULL", "{a: b}"):
        with pytest.raises(InputError, match=r"census\.empty_values"):
            load_settings(environ={}, sets=[f"census.empty_values={wrong}"])


def test_the_value_that_most_bad_cells_share_is_proposed_with_the_line_to_paste(
    tmp_path: Path, read_csv: ReadCsv, row: Row
) -> None:
    rows = [row(employee_id=str(number), termination_date="none yet") for number in range(3)]
    rows += [row(employee_id="a", termination_date="2025-02-30"), row(employee_id="b", termination_date="x")]
    message = refusal(read_csv, rows, empty_values=["-"])
    assert "3 of 5 bad cells of termination_date hold 'none yet'" in message
    (line,) = re.findall(r"^ +(census\.empty_values: .*)$", message, re.MULTILINE)
    (flag,) = re.findall(r"--set '(.*)'$", message, re.MULTILINE)
    (tmp_path / "own.yaml").write_text(line, encoding="utf-8")
    for settings in (
        load_settings(tmp_path / "own.yaml", environ={}),
        load_settings(environ={}, sets=[flag]),
    ):
        assert settings.base.census.empty_values == ["-", "none yet"]
    read_csv([HEADER, *rows[:3]], empty_values=["-", "none yet"])


def test_a_single_well_known_placeholder_is_proposed_and_a_single_slip_is_not(
    read_csv: ReadCsv, row: Row
) -> None:
    good = row(employee_id="1")
    assert '["2999-12-31"]' in refusal(read_csv, [good, row(termination_date="2999-12-31")])
    assert '["N/A"]' in refusal(read_csv, [good, row(level="N/A")])
    assert "empty_values" not in refusal(read_csv, [good, row(termination_date="2024-06-31")])
    # an empty cell would be bad there too
    assert "empty_values" not in refusal(
        read_csv, [row(birth_date="NULL"), row(employee_id="2", birth_date="NULL")]
    )


def test_a_census_of_a_later_date_is_reported_with_the_fitting_opening_date(
    read_csv: ReadCsv, row: Row
) -> None:
    late = [row(employee_id=str(month), hire_date=f"2026-{month:02}-15") for month in range(1, 13)]
    message = refusal(read_csv, [row(), *late])
    assert (
        "row 3, hire_date: '2026-01-15' is after the opening date; allowed: up to 2024-12-31, the day before "
        in message
    )
    assert "simulation.start_year 2025 begins" in message
    assert (
        "12 of 13 rows describe people hired after the opening date 2024-12-31, the day before "
        "simulation.start_year 2025 begins; the newest such date is 2026-12-15 in row 14. If the census "
        "shows a later date, set simulation.start_year: 2027, which opens on 2026-12-31"
    ) in message
    assert message.count("allowed: up to") == 1, "what is allowed is named once"


def test_a_leaver_after_the_opening_is_to_be_given_as_employed(read_csv: ReadCsv, row: Row) -> None:
    message = refusal(read_csv, [row(termination_date="2025-03-31")])
    assert "1 of 1 rows describe people leaving after the opening date" in message
    assert "simulation.start_year: 2026" in message and "leave the cell empty" in message
    # a typo or a placeholder does not indicate the date of the census
    assert "opens on" not in refusal(
        read_csv, [row(termination_date="2199-12-31"), row(hire_date="2104-05-01")]
    )


def test_all_placeholders_of_a_file_are_proposed_at_once(read_csv: ReadCsv, row: Row) -> None:
    cells = [("NULL", ""), ("N/A", ""), ("", "-"), ("2024-06-31", "")]
    rows = [
        row(employee_id=str(i), termination_date=left, level=level) for i, (left, level) in enumerate(cells)
    ]
    assert 'census.empty_values: ["N/A", "NULL", "-"]\n' in refusal(read_csv, rows)
