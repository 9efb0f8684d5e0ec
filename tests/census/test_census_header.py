"""Headers that are not where, or not what, they should be; and what the message may repeat of a file."""

from itertools import combinations
from pathlib import Path

import pytest
import yaml

from tasks.census.read import CensusError
from tasks.census.reading.header import plain
from tasks.census.reading.synonyms import SYNONYMS, bare
from tests.census.conftest import Read, ReadCsv
from tests.census.workbooks import rows_of, xlsx

HEADER = "employee_id,birth_date,hire_date,salary,department"
ROW = "0101,1958-03-04,1990-05-16,61000.00,Sales"
OTHER = "0102,1962-11-23,1999-09-01,64500.50,Ops"


def refusal(read_csv: ReadCsv, content: object, **changes: object) -> str:
    with pytest.raises(CensusError) as refused:
        read_csv(content, **changes)
    return str(refused.value)


def mapped(message: str) -> dict[str, str]:
    """The mapping that a message proposes, as YAML."""
    columns: dict[str, str] = yaml.safe_load(message.partition("example:\n")[2])["census"]["columns"]
    return columns


@pytest.mark.parametrize(("line", "row"), [("sep=;", 4), ("SEP=;", 4), ('"sep=;"', 4), ("sep=;\n\n", 6)])
def test_excels_line_with_the_delimiter_is_obeyed(read_csv: ReadCsv, line: str, row: int) -> None:
    text = "\n".join([line, HEADER.replace(",", ";"), ROW.replace(",", ";"), ";;;;", "bad;;;;"])
    census = read_csv(text, max_rejected_share="1")
    assert census.employees["employee_id"].to_list() == ["0101"]
    # numbered as Excel does, which does not show that line
    assert census.rejects["row_number"].unique().to_list() == [row]


def test_a_line_with_a_delimiter_that_is_none_is_a_title(read_csv: ReadCsv) -> None:
    for line in ("sep=", "sep=ab", "sep=§", 'sep="'):
        with pytest.raises(CensusError, match=r"row 2 has employee_id|is not CSV"):
            read_csv([line, HEADER, ROW])


@pytest.mark.parametrize(
    ("above", "row"),
    [
        (["Employee census as of 12/31/2024,,,,", "Confidential,,,,", ""], 4),
        (["# exported by HRIS 3.2"], 2),
        (["Person,,,Pay,Place"], 2),  # two header rows
        (["A report, with a comma; and a semicolon", "Confidential"], 3),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_header_further_down_is_pointed_at(
    read_csv: ReadCsv, above: list[str], row: int, delimiter: str
) -> None:
    table = [line.replace(",", delimiter) for line in (HEADER, ROW, OTHER)]
    message = refusal(read_csv, [*above, *table])
    assert "expected in row 1;" in message
    assert f"row {row} has employee_id, birth_date, hire_date, salary, department. Delete the rows" in message
    assert "columns:" not in message and "12/31" not in message and "0101" not in message


def test_a_header_further_down_of_another_systems_names_is_pointed_at_with_its_mapping(
    read_csv: ReadCsv,
) -> None:
    message = refusal(read_csv, ["Census", "EEID,DOB,Start Date,Annual Salary,Dept", ROW])
    assert "row 2 has EEID, DOB, Start Date, Annual Salary, Dept. Delete the rows above it." in message
    assert mapped(message) == {
        "employee_id": "EEID", "birth_date": "DOB", "hire_date": "Start Date", "salary": "Annual Salary",
        "department": "Dept",
    }  # fmt: skip


def test_another_sheet_with_the_header_is_named(tmp_path: Path, read: Read) -> None:
    people = [HEADER.split(","), ROW.split(",")]
    sheets = {
        "Lists": rows_of([["Departments"], ["Sales"]]),
        "Cover & notes": rows_of([["Census"], ["12/31/2024"]]),
        "Staff": rows_of([["Our staff"], *people], first_row=2),
    }
    path = xlsx(tmp_path / "census.xlsx", sheets)
    with pytest.raises(CensusError) as refused:
        read(path)
    assert "expected in row 1 of sheet 'Lists'; row 3 of sheet 'Staff' has employee_id," in str(refused.value)
    assert "Set census.sheet: Staff, and delete the rows above it." in str(refused.value)
    with pytest.raises(CensusError, match=r"row 2 of sheet 'Staff'; row 3 has employee_id"):
        read(path, sheet="Staff")


@pytest.mark.parametrize("name", ["2024", "Staff #2", "Staff: all", "no", "Data  2024"])
def test_the_name_of_the_other_sheet_is_yaml(tmp_path: Path, read: Read, name: str) -> None:
    header = ["employee_id", "birth_date", "hire_date", "salary"]
    sheets = {"Pivot": rows_of([["Row Labels"]]), name: rows_of([header])}
    with pytest.raises(CensusError) as refused:
        read(xlsx(tmp_path / "census.xlsx", sheets))
    advice = str(refused.value).partition("Set census.sheet: ")[2].splitlines()[0].removesuffix(".")
    assert yaml.safe_load(f"sheet: {advice}") == {"sheet": name}


@pytest.mark.parametrize(
    "spelt",
    [
        "Employee\u00a0ID", " Employee  ID ", "Employee\nID", "Employee\r\nID", "Employee\tID",
        "Employee_x000D_ID",
        "\u200bEmployee\u200b ID\u200b", "\ufeffEmployee ID", "Employee\u202f\u2009ID", "Emplo\u00adyee ID",
    ],
)  # fmt: skip
def test_differences_that_nobody_sees_in_a_name_make_none(read_csv: ReadCsv, spelt: str) -> None:
    header = HEADER.replace("employee_id", f'"{spelt}"')
    assert read_csv([header, ROW], columns={"employee_id": "Employee ID"}).rows_read == 1
    assert read_csv(
        [HEADER.replace("employee_id", "Employee ID"), ROW], columns={"employee_id": spelt}
    ).rows_read


def test_composed_and_decomposed_letters_are_one() -> None:
    assert plain("Prénom") == plain("Pre\u0301nom")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            "Employee_Name,EmpID,MarriedID,MaritalStatusID,GenderID,EmpStatusID,DeptID,PerfScoreID,"
            "FromDiversityJobFairID,Salary,Termd,PositionID,State,DOB,DateofHire",
            {"employee_id": "EmpID", "birth_date": "DOB", "hire_date": "DateofHire", "salary": "Salary"},
        ),
        (
            "EEID,Full Name,Age,Hire Date,Annual Salary,Exit Date",
            {
                "employee_id": "EEID", "birth_date": None, "hire_date": "Hire Date",
                "salary": "Annual Salary", "termination_date": "Exit Date",
            },
        ),
        (
            "Age,DailyRate,EmployeeCount,EmployeeNumber,MonthlyIncome,PercentSalaryHike,YearsAtCompany",
            {"employee_id": "EmployeeNumber", "birth_date": None, "hire_date": None, "salary": None},
        ),
        (
            "Pers.Nr.,Geburtsdatum,Eintritt,Gehalt: brutto,Abteilung",
            {
                "employee_id": "Pers.Nr.", "birth_date": "Geburtsdatum", "hire_date": "Eintritt",
                "salary": None, "department": "Abteilung",
            },
        ),
        (
            '"Employee # (ID)",Date of Birth,"Hire\nDate","Base Salary: (EUR)",x',
            {
                "employee_id": None, "birth_date": "Date of Birth", "hire_date": "Hire Date",
                "salary": "Base Salary: (EUR)",
            },
        ),
    ],
)  # fmt: skip
def test_hints_come_from_names_known_to_mean_the_column(
    read_csv: ReadCsv, header: str, expected: dict[str, str | None]
) -> None:
    message = refusal(read_csv, f"{header}\n1,2,3,4,5\n")
    found = {ours: name for ours, name in mapped(message).items() if name != "<name in the file>"}
    assert found == {ours: name for ours, name in expected.items() if name}
    assert set(mapped(message)) == set(expected)
    listed = message.partition("Found: ")[2].partition("\n")[0]
    assert all(name in listed for name in found.values())


def test_the_proposed_mapping_works(read_csv: ReadCsv) -> None:
    header = '"Employee\nID",DOB,"Hire: Date","Base Salary: (EUR)",department'
    columns = mapped(refusal(read_csv, [header, ROW], columns={"hire_date": "hire: date"}))
    assert columns["hire_date"] == "Hire: Date"  # but for case, what the user had
    assert read_csv([header, ROW], columns=columns).rows_read == 1


def test_no_name_is_known_to_mean_two_columns() -> None:
    known = {ours: {bare(name) for name in (ours, *names)} for ours, names in SYNONYMS.items()}
    for one, other in combinations(known, 2):
        assert not known[one] & known[other], (one, other)
    assert all(names for names in known.values())


@pytest.mark.parametrize(
    "content",
    [
        "E0101~Ann Example~123-45-6789~61000\n0102~Bob~987-65-4321~62000\n",
        "Ann Example,ann@example.org,Sales\nBob Example,bob@example.org,Ops\n",
        "Ann Example,E0101,Sales\n",
        "Ann Example,<b>Ann</b>,Sales\n",
        "Ann Example,4 March 1958,£61k,12-34-56\n",
        f"{ROW.replace('Sales', 'Ann Example')}\n",
    ],
)
def test_a_first_row_of_data_is_not_repeated(read_csv: ReadCsv, content: str) -> None:
    message = refusal(read_csv, content)
    assert "seems to contain data" in message
    assert not any(part in message for part in ("Ann", "0101", "6789", "61", "Sales", "org"))


def test_header_names_are_cut(read_csv: ReadCsv, caplog: pytest.LogCaptureFixture) -> None:
    secret = "and then somebody pasted a whole letter into the cell"
    name = f"Notes of the personnel department {secret}"
    assert secret not in refusal(read_csv, f"{name},x,y\n")
    with caplog.at_level("INFO", "workforce.census"):
        census = read_csv([f"{HEADER},{name}", f"{ROW},x"])
    assert secret not in caplog.text + "".join(census.dropped_columns)


def test_years_as_names_are_names(read_csv: ReadCsv) -> None:
    assert "Found: Name, Salary 2024, FY2023, 2022" in refusal(read_csv, "Name,Salary 2024,FY2023,2022\n")


def test_an_unread_column_that_seems_to_be_the_termination_date_is_warned_of(
    read_csv: ReadCsv, caplog: pytest.LogCaptureFixture
) -> None:
    """Without it, everybody who left counts as active."""
    read_csv([f"{HEADER},Exit Date", f"{ROW},2019-05-31"])
    assert "column 'Exit Date' is not read" in caplog.text
    assert "census.columns: {termination_date: Exit Date}" in caplog.text
    caplog.clear()
    read_csv([f"{HEADER},termination_date,Exit Date", f"{ROW},2019-05-31,", f"{OTHER},,"])
    assert "is not read. If" not in caplog.text


@pytest.mark.parametrize(
    "blank", [" , , , , ", "\t", "\u00a0,,\u2003,,", " ", '" ","\n",,,', " , , , , , , "]
)
def test_rows_of_blanks_are_passed_over(read_csv: ReadCsv, blank: str) -> None:
    census = read_csv([HEADER, ROW, blank, OTHER, blank, blank])
    assert census.rows_read == 2 and census.rejects.is_empty()


def test_rows_of_blanks_in_a_workbook_are_passed_over(tmp_path: Path, read: Read) -> None:
    blank = [" ", None, "\u00a0", "\t", None]
    rows = [blank, HEADER.split(","), ROW.split(","), blank, OTHER.split(","), blank]
    census = read(xlsx(tmp_path / "census.xlsx", {"People": rows_of(rows)}))
    assert census.rows_read == 2 and census.rejects.is_empty()


HTML = "<html><body><table><tr><td>0101</td></tr></table></body></html>"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
XML_2003 = (
    '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table>'
    "</Table></Worksheet></Workbook>"
)


@pytest.mark.parametrize(
    ("name", "content", "what", "advice"),
    [
        ("a.xls", HTML.encode(), "an HTML page", "save it as .xlsx"),
        ("a.csv", f"\n <!DOCTYPE html>{HTML}".encode(), "an HTML page", "save it as .xlsx"),
        ("a.xls", HTML.encode("utf-16"), "an HTML page", "save it as .xlsx"),
        ("a.xls", XML_2003.encode(), "an XML spreadsheet of Excel 2003", "save it as .xlsx"),
        ("a.xls", f"{HEADER}\n{ROW}".replace(",", "\t").encode("utf-16"), "text", "rename it to .csv"),
        ("a.xlsx", f"{HEADER}\n{ROW}".encode(), "text", "rename it to .csv"),
        ("a.parquet", f"{HEADER}\n{ROW}".encode(), "text", "rename it to .csv"),
        ("a.csv", b"\x1f\x8b\x08\x00rest", "a gzip archive", "unpack it"),
        (
            "a.xls",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "protected",
            "without",
        ),
        ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "a workbook of Excel 97", "rename it to .xls"),
        ("a.csv", b"PAR1rest", "a Parquet file", "rename it to .parquet"),
        ("a.xlsx", b"%PDF-1.7\n\x00", "a PDF", "ask for the table"),
    ],
)
def test_a_file_of_another_kind_than_its_name_says_is_named(
    read_csv: ReadCsv, name: str, content: bytes, what: str, advice: str
) -> None:
    message = refusal(read_csv, content, name=name)
    assert f"it is {what}" in message and advice in message
    assert "0101" not in message


def test_a_workbook_named_csv_is_refused_with_its_kind(tmp_path: Path, read: Read) -> None:
    path = xlsx(tmp_path / "census.csv", {"People": rows_of([HEADER.split(","), ROW.split(",")])})
    with pytest.raises(CensusError, match=r"it is a workbook; rename it to \.xlsx"):
        read(path)
    path.rename(tmp_path / "census.xls")  # which any spreadsheet program reads
    assert read(tmp_path / "census.xls").rows_read == 1
