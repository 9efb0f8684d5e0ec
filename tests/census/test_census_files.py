"""Kinds of files, headers and encodings, and files that are not what they should be."""

import hashlib
import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from settings.errors import InputError
from tasks.census.read import Census, CensusError, census_summary
from tasks.census.sample import sample_census, write_sample
from tests.census.conftest import OPENING

HEADER = "employee_id,birth_date,hire_date,salary,termination_date,level,department,location"
GOOD = "0017,1980-02-29,2010-05-01,60000.00,,1,Sales,Oslo"
Read = Callable[..., Census]
ReadCsv = Callable[..., Census]
SSN = "987-65-4321"


def test_csv_parquet_and_excel_give_the_same_employees(tmp_path: Path, read: Read) -> None:
    sample = sample_census(300, seed=7)
    write_sample(sample, tmp_path / "census.csv")
    write_sample(sample, tmp_path / "census.parquet")
    sample.cast({"salary": pl.Float64}).write_parquet(tmp_path / "float.parquet")
    sample.cast(pl.String).write_parquet(tmp_path / "text.pq")
    sample.write_excel(tmp_path / "census.xlsx")
    expected = read(tmp_path / "census.csv").employees
    assert expected.height == 300
    for name in ("census.parquet", "float.parquet", "text.pq", "census.xlsx"):
        assert read(tmp_path / name).employees.equals(expected), name


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiter_line_ends_and_mark_are_found(
    read_csv: ReadCsv, delimiter: str, line_end: str, codec: str
) -> None:
    text = line_end.join([HEADER, GOOD, GOOD.replace("0017", "é")]).replace(",", delimiter)
    assert read_csv(text.encode(codec)).employees["employee_id"].to_list() == ["0017", "é"]


def test_a_decimal_comma_in_a_file_of_semicolons(read_csv: ReadCsv) -> None:
    rows = [HEADER, GOOD, GOOD.replace("0017", "18")]
    text = "\n".join(rows).replace(",", ";").replace("60000.00", "60.000,00")
    assert [str(pay) for pay in read_csv(text).employees["salary"]] == ["60000.00"] * 2


def test_quoted_line_ends_and_blank_rows_leave_the_row_numbers_right(read_csv: ReadCsv) -> None:
    header = HEADER + ",notes"
    rows = [header, GOOD + ',"two\nlines, quoted ""twice"""', "", ",,,,,,,,", "x" + GOOD + ",", "bad,,,,,,,,"]
    with pytest.raises(CensusError) as refused:
        read_csv(["", *rows])
    assert refused.value.rejects["row_number"].unique().to_list() == [7]
    assert "1 of 3 rows" in str(refused.value)


def test_a_row_of_another_width_is_bad_and_shows_nothing_of_its_cells(read_csv: ReadCsv) -> None:
    rows = [HEADER + ",ssn", f"{GOOD},{SSN}", f"1,{GOOD},{SSN}", "2,1980-01-01", f"9{GOOD},{SSN},,"]
    census = read_csv(rows, max_rejected_share="0.5")
    assert census.rejects.select("row_number", "column", "value").rows() == [(3, "", ""), (4, "", "")]
    assert "10 fields, the header 9" in census.rejects["reason"][0]
    assert census.employees["employee_id"].to_list() == ["0017", "90017"]


def test_an_unclosed_quote_is_reported_with_its_line(read_csv: ReadCsv) -> None:
    with pytest.raises(CensusError, match=r"census.csv: line 3 is not CSV"):
        read_csv([HEADER, GOOD, '"' + GOOD])


def test_only_mapped_columns_are_read_of_a_wide_file(
    read_csv: ReadCsv, caplog: pytest.LogCaptureFixture
) -> None:
    header = ",".join([HEADER, "ssn", *(f"extra_{i}" for i in range(191))])
    rows = [
        header,
        ",".join([GOOD, SSN, *"x" * 191]),
        ",".join([GOOD.replace("60000.00", "-1"), SSN, *"x" * 191]),
    ]
    with caplog.at_level(logging.INFO, "workforce.census"):
        census = read_csv([rows[0], rows[1], rows[2].replace("0017", "18")], max_rejected_share="1")
    assert len(census.dropped_columns) == 192
    assert "columns that are not read (192): ssn, extra_0" in caplog.text and "and 180 more" in caplog.text
    everything = (
        caplog.text
        + str(census_summary(census, OPENING))
        + census.employees.write_csv()
        + census.rejects.write_csv()
    )
    assert SSN not in everything and "extra_100" not in everything


def test_a_files_own_names_are_mapped(read_csv: ReadCsv) -> None:
    rows = ["Emp No, Born ,Start,Annual Pay,Cost Centre", "1,1980-01-01,2010-01-01,$60000,A"]
    columns = {
        "employee_id": "Emp No", "birth_date": "Born", "hire_date": "Start", "salary": "Annual Pay",
        "cost_centre": "Cost Centre",
    }  # fmt: skip
    census = read_csv(rows, columns=columns, dimensions=["cost_centre"])
    assert census.dimensions == ("cost_centre",) and census.dropped_columns == ()
    assert census.employees["cost_centre"].to_list() == ["A"]


@pytest.mark.parametrize(
    ("content", "changes", "expected"),
    [
        (b"", {}, "is empty"),
        (b"\n\r\n", {}, "is empty"),
        ("employee_id,Birth Date,hire_date\n", {}, r"birth_date, salary.*columns:\n.*birth_date: Birth Date"),
        ("employee_id,birth_dat,pay\n", {}, "birth_date: <name in the file>\n      hire_date: <name"),
        (f"{HEADER},salary\n{GOOD},1\n", {}, "more than one column named salary"),
        (f"{GOOD}\n{GOOD}\n", {}, "seems to contain data"),
        (f"{HEADER}\n{GOOD}\n", {"columns": {"level": "Grade"}}, "level .census.columns maps it to 'Grade'"),
        (f"{HEADER}\n{GOOD}\n", {"columns": {"salry": "Pay"}}, "census.columns.salry.*did you mean salary"),
        (f"{HEADER}\n{GOOD}\nJos\xe9".encode("cp1252"), {}, r"0xe9 at offset \d+ \(line 3\).*encoding"),
        (f"{HEADER}\n{GOOD}\n", {"encoding": "klingon"}, "census.encoding: 'klingon'"),
        (f"{HEADER}\n{GOOD}\n".encode("utf-16-le"), {}, "NUL character"),
        (b"PK\x03\x04rest", {}, "not readable as CSV: it is a damaged ZIP"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_refused_with_what_to_do(
    read_csv: ReadCsv, content: str | bytes, changes: dict[str, object], expected: str
) -> None:
    with pytest.raises(CensusError, match=f"(?s){expected}") as refused:
        read_csv(content, **changes)
    assert refused.value.rejects.is_empty()
    assert isinstance(refused.value, InputError)


def test_the_first_row_of_a_file_without_header_is_not_repeated(read_csv: ReadCsv) -> None:
    with pytest.raises(CensusError) as refused:
        read_csv([f"{GOOD},{SSN}"])
    assert SSN not in str(refused.value) and "0017" not in str(refused.value)


def test_another_encoding_is_read_when_named(read_csv: ReadCsv) -> None:
    content = "\n".join([HEADER, GOOD.replace("Oslo", "Malmö")]).encode("cp1252")
    assert read_csv(content, encoding="cp1252").employees["location"].to_list() == ["Malmö"]
    content = f"{HEADER}\n{GOOD}".encode("utf-16-le")
    assert read_csv(content, encoding="utf-16-le").employees.height == 1


def test_a_path_that_is_no_census_is_refused(tmp_path: Path, read: Read) -> None:
    with pytest.raises(CensusError, match="no such file"):
        read(tmp_path / "none.csv")
    with pytest.raises(CensusError, match="a directory"):
        read(tmp_path)
    (tmp_path / "census.docx").write_text("x")
    with pytest.raises(CensusError, match=r"unknown kind of file.*\.csv.*\.parquet.*\.xlsx"):
        read(tmp_path / "census.docx")


@pytest.mark.parametrize("name", ["census.parquet", "census.xlsx", "census.xls", "census.ods"])
@pytest.mark.parametrize("content", [b"x", b"PAR1" * 9, b"PK\x03\x04" + b"\0" * 99])
def test_a_damaged_file_is_refused(read_csv: ReadCsv, name: str, content: bytes) -> None:
    with pytest.raises(CensusError, match="not readable as"):
        read_csv(content, name=name)


def test_parquet_columns_of_any_sensible_type(tmp_path: Path, read: Read) -> None:
    pl.DataFrame(
        {
            "employee_id": [1001.0, 1002.0],
            "birth_date": pl.Series([date(1980, 1, 1)] * 2).cast(pl.Datetime("us", "UTC")),
            "hire_date": [20100131, 20100131],
            "salary": [60000.125, 999.125],
            "level": [3.0, None],
            "department": pl.Series(["a", None], dtype=pl.Categorical),
        }
    ).write_parquet(tmp_path / "census.parquet")
    census = read(tmp_path / "census.parquet")
    assert [str(cell) for cell in census.employees.row(0)] == [
        "1001", "1980-01-01", "2010-01-31", "None", "3", "False", "60000.13", "1.000000", "a",
    ]  # fmt: skip
    assert census.dimensions == ("department",)


def test_a_parquet_date_out_of_the_calendar_is_a_bad_cell(tmp_path: Path, read: Read) -> None:
    days = pl.DataFrame({"employee_id": "1", "birth_date": [2**31 - 1], "hire_date": [2**62], "salary": 1})
    days = days.with_columns(termination_date=date(9999, 12, 31))
    days.cast({"birth_date": pl.Date, "hire_date": pl.Datetime("us")}).write_parquet(
        tmp_path / "census.parquet"
    )
    census = read(tmp_path / "census.parquet", max_rejected_share="1", allow_empty=True)
    assert census.rejects.select("column", "value").rows() == [
        ("birth_date", "(out of the calendar)"), ("hire_date", "(out of the calendar)"),
        ("termination_date", "9999-12-31"),
    ]  # fmt: skip


def test_parquet_midnights_moved_to_utc_are_refused_as_in_csv(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "census.parquet"

    def write(zone: str) -> None:
        hires = pl.Series([datetime(2020, 1, 15), datetime(2021, 7, 15)]).dt.replace_time_zone("Europe/Oslo")
        pl.DataFrame(
            {
                "employee_id": ["1", "2"],
                "birth_date": [date(1980, 1, 31), date(1981, 1, 31)],
                "hire_date": hires.dt.convert_time_zone(zone),
                "salary": [60000, 61000],
            }
        ).write_parquet(path)

    days = [date(2020, 1, 15), date(2021, 7, 15)]
    write("UTC")
    with pytest.raises(
        CensusError, match="column hire_date: every time is like '2020-01-14 23:00:00 UTC' in"
    ):
        read(path)
    census = read(path, date_formats=["%Y-%m-%d %H:%M:%S UTC"])
    assert census.employees["hire_date"].to_list() == [day - timedelta(days=1) for day in days]
    for zone in ("Europe/Oslo", "Asia/Tokyo"):  # the day where it is
        write(zone)
        assert read(path).employees["hire_date"].to_list() == days


def test_a_parquet_column_of_lists_is_refused_by_name(tmp_path: Path, read: Read) -> None:
    frame = pl.DataFrame({name: ["2010-01-01"] for name in HEADER.split(",")})
    frame.with_columns(salary=pl.lit([1])).write_parquet(tmp_path / "census.parquet")
    with pytest.raises(CensusError, match=r"column salary has the type large_list"):
        read(tmp_path / "census.parquet")


def workbook(path: Path, first_row: int = 0) -> None:
    """A workbook with numbers, dates, a formula and an error, whose header is in the given row (from 0)."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("People")
        book.add_worksheet("Empty")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(first_row, 0, HEADER.split(","))
        for row, (employee, salary) in enumerate([(1001, 60000), ("0017", 61000.005)], start=first_row + 1):
            sheet.write(row, 0, employee)
            sheet.write_datetime(row, 1, date(1980, 3, 4), day)
            sheet.write_number(row, 2, 43861)
            sheet.write(row, 3, salary)
        row = first_row + 4  # after a blank row
        sheet.write_formula(row, 0, "=A2+1", None, 1002)
        sheet.write_datetime(row, 1, date(1980, 3, 4), day)
        sheet.write_number(row, 2, 43861)
        sheet.write_formula(row, 3, "=2*30000", None, 60000)
        sheet.write_formula(row, 4, "=NA()", None, "#N/A")


def test_excel_numbers_dates_and_formulas_are_read_by_value_and_errors_rejected(
    tmp_path: Path, read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    workbook(tmp_path / "census.xlsx", first_row=2)
    with caplog.at_level(logging.INFO, "workforce.census"):
        census = read(tmp_path / "census.xlsx", max_rejected_share="0.5")
    read_cells = census.employees.select("employee_id", "birth_date", "hire_date", "salary")
    assert read_cells.cast({"salary": pl.String}).rows() == [
        ("1001", date(1980, 3, 4), date(2020, 1, 31), "60000.00"),
        ("0017", date(1980, 3, 4), date(2020, 1, 31), "61000.01"),
    ]  # fmt: skip
    # A leaving date that failed to compute must not pass for "still employed".
    assert census.rejects.select("row_number", "column").rows() == [(7, "termination_date")]
    assert "has 2 sheets; reading the first, 'People'" in caplog.text


def test_an_excel_sheet_is_chosen_by_name(tmp_path: Path, read: Read) -> None:
    workbook(tmp_path / "census.xlsx")
    with pytest.raises(CensusError, match=r"no sheet 'Staff'.*People, Empty"):
        read(tmp_path / "census.xlsx", sheet="Staff")
    with pytest.raises(CensusError, match="sheet 'Empty' is empty"):
        read(tmp_path / "census.xlsx", sheet="Empty")
    assert read(tmp_path / "census.xlsx", sheet="People", max_rejected_share="1").rows_read == 3


def test_the_hash_is_that_of_the_file(tmp_path: Path, read: Read) -> None:
    write_sample(sample_census(5), tmp_path / "census.csv")
    expected = hashlib.sha256((tmp_path / "census.csv").read_bytes()).hexdigest()
    assert read(tmp_path / "census.csv").sha256 == expected


FUZZ = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FUZZ
@given(content=st.binary(max_size=300), name=st.sampled_from(["a.csv", "a.parquet", "a.xlsx", "a.xls"]))
def test_any_bytes_give_a_census_or_its_error(read_csv: ReadCsv, content: bytes, name: str) -> None:
    try:
        census = read_csv(content, name=name)
    except CensusError:
        return
    assert isinstance(census, Census)


CELLS = [
    st.one_of(st.just(cell), st.text(max_size=8), st.sampled_from(GOOD.split(",")))
    for cell in GOOD.split(",")
]


@pytest.mark.slow
@FUZZ
@given(rows=st.lists(st.tuples(*CELLS), max_size=4))
def test_any_cells_give_every_row_a_place_or_the_census_its_error(
    read_csv: ReadCsv, rows: list[tuple[str, ...]]
) -> None:
    try:
        census = read_csv([HEADER, *map(",".join, rows)], max_rejected_share="1", allow_empty=True)
    except CensusError:
        return
    rejected = census.rejects["row_number"].n_unique()
    assert census.rows_read == census.employees.height + rejected + census.skipped_terminated


@FUZZ
@given(
    cut=st.integers(0, 4000),
    flip=st.integers(0, 4000),
    value=st.integers(0, 255),
    kind=st.sampled_from(["parquet", "xlsx"]),
)
def test_a_damaged_binary_file_gives_a_census_or_its_error(
    read_csv: ReadCsv, cut: int, flip: int, value: int, kind: str
) -> None:
    content = bytearray(INTACT[kind])
    content[flip % len(content)] = value
    if cut % 2:
        del content[cut % len(content) :]
    try:
        read_csv(bytes(content), name=f"census.{kind}", max_rejected_share="1", allow_empty=True)
    except CensusError:
        return


def _intact_files() -> dict[str, bytes]:
    sample = sample_census(20)
    files = {"parquet": BytesIO(), "xlsx": BytesIO()}
    sample.write_parquet(files["parquet"])
    sample.write_excel(files["xlsx"])
    return {kind: file.getvalue() for kind, file in files.items()}


INTACT = _intact_files()
