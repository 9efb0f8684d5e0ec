"""Column `fte` and `census.salary_basis`: part-time employees, their actual pay and full-time pay."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from tasks.census.accepted import census_summary
from tasks.census.errors import CensusError
from tests.census.conftest import OPENING, ReadCsv

HEADER = "employee_id,birth_date,hire_date,salary,fte"


def lines(*cells: str) -> list[str]:
    """A census with these cells of salary and fte."""
    return [HEADER, *(f"e{i},1980-01-01,2010-05-01,{cell}" for i, cell in enumerate(cells))]


@pytest.mark.parametrize(
    ("text", "fte"),
    [
        ("1", "1"), ("1.0", "1"),
        ("1,000", "1"), ("0.5", "0.5"), ('"0,5"', "0.5"), (".8", "0.8"),
        ("50%", "0.5"), ("50 %", "0.5"), ("33.3333%", "0.333333"), ("100%", "1"), ("", "1"),
        (" 0.25 ", "0.25"),
        ("0.66666666666667", "0.666667"), ("0.0000005", "0.000001"), ("1.0000004", "1"),
    ],
)  # fmt: skip
def test_an_fte_in_every_form(read_csv: ReadCsv, text: str, fte: str) -> None:
    cell = f'"{text}"' if text == "1,000" else text
    (read,) = read_csv(lines(f"60000,{cell}")).employees["fte"]
    assert read == Decimal(fte)


@pytest.mark.parametrize(
    "text", ["0", "0.0", "0%", "1.5", "50", "100", "101%", "-0.5", "half", "0.0000004", "1/2", "0.5.5", "٠.٥"]
)
def test_anything_else_is_a_bad_row_that_says_what_is_allowed(read_csv: ReadCsv, text: str) -> None:
    with pytest.raises(CensusError) as refused:
        read_csv(lines("60000,1", f"60000,{text}"))
    (reject,) = refused.value.rejects.rows(named=True)
    assert (reject["row_number"], reject["column"], reject["value"]) == (3, "fte", text)
    assert "allowed: from above 0 to 1, such as 0.5 or 50%" in reject["reason"]
    assert ("If they are percentages" in str(refused.value)) == (text in ("50", "100", "1.5"))
    assert "census.empty_values" not in str(refused.value) or text == "half"


def test_a_census_without_the_column_is_full_time(read_csv: ReadCsv) -> None:
    census = read_csv([HEADER.removesuffix(",fte"), "1,1980-01-01,2010-05-01,60000"])
    assert census.employees["fte"].to_list() == [Decimal(1)]
    assert "Part-time" not in census_summary(census, OPENING)


@pytest.mark.parametrize(
    ("basis", "salary", "fte", "pay", "level"),
    [
        ("full_time", "121000.00", "0.333333", "40333.29", 3),
        ("full_time", "0.01", "0.5", "0.01", 1),  # half up
        ("full_time", "81000", "0.5", "40500", 2),
        ("full_time", "999999999.99", "1", "999999999.99", 5),
        ("actual", "60500", "0.5", "60500", 3),
        ("actual", "60499.99", "0.5", "60499.99", 2),
        ("actual", "999999999.99", "0.000001", "999999999.99", 5),
    ],
)
def test_pay_is_actual_and_levels_compare_full_time_pay(
    read_csv: ReadCsv, basis: str, salary: str, fte: str, pay: str, level: int
) -> None:
    (read,) = read_csv(lines(f"{salary},{fte}"), salary_basis=basis).employees.rows(named=True)
    assert (read["salary"], read["level"], read["level_inferred"]) == (Decimal(pay), level, True)


def test_full_time_pay_that_rounds_to_nothing_is_a_bad_row(read_csv: ReadCsv) -> None:
    with pytest.raises(CensusError, match="is not above 0"):
        read_csv(lines("0.01,0.1"), salary_basis="full_time")


@pytest.mark.parametrize(
    ("basis", "salary", "fte", "low"),
    [("actual", "27000", "0.5", 0), ("actual", "27000", "1", 1), ("full_time", "56000", "0.4", 0)],
)
def test_low_pay_compares_full_time_pay(
    read_csv: ReadCsv, basis: str, salary: str, fte: str, low: int
) -> None:
    findings = read_csv(lines(f"{salary},{fte}"), salary_basis=basis).findings
    assert {each.check: each.violations for each in findings}["census_low_pay"] == low


def test_high_pay_names_the_full_time_pay_that_it_compares(read_csv: ReadCsv) -> None:
    (high,) = [each for each in read_csv(lines("130000,0.1")).findings if each.check == "census_high_pay"]
    assert "highest 1,300,000.00 for a full-time job (FTE 0.1) in row 2" in str(high.details)


@pytest.mark.parametrize(
    "name", ["FTE", "FTE %", "Full-time equivalent", "employment percentage", "Beschäftigungsgrad"]
)
def test_a_column_of_another_name_is_mentioned_with_the_line_that_maps_it(
    tmp_path: Path, read_csv: ReadCsv, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    content = [line.replace("salary,fte", f"salary,{name}") for line in lines("60000,0.5")]
    assert read_csv(content).employees["fte"].to_list() == [Decimal(1)]
    assert f"column {name!r} is not read. If it is the FTE, map it: census.columns: {{fte: " in caplog.text
    assert read_csv(content, columns={"fte": name}).employees["fte"].to_list() == [Decimal("0.5")]


def test_full_time_pay_without_ftes_is_warned_of(read_csv: ReadCsv, caplog: pytest.LogCaptureFixture) -> None:
    read_csv([HEADER.removesuffix(",fte"), "1,1980-01-01,2010-05-01,60000"], salary_basis="full_time")
    assert "no column fte is read" in caplog.text


def test_the_check_prints_part_time_and_the_unread_column(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def check(*arguments: Any) -> str:
        done = CliRunner().invoke(app, ["census", "check", *map(str, arguments)], env={"COLUMNS": "200"})
        assert done.exit_code == 0, done.output
        return done.output

    file = tmp_path / "census.csv"
    file.write_text("\n".join(lines("60000,0.5", "60000,")) + "\n")
    assert "1; the active are 1.50 full-time equivalents" in check(file)
    file.write_text(file.read_text().replace("fte", "FTE %"))
    assert "Part-time" not in check(file)
    assert 'map it: census.columns: {fte: "FTE %"}' in caplog.text
