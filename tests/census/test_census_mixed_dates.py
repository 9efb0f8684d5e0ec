"""Dates that a spreadsheet converted by halves: day and month of the converted ones are exchanged."""

import logging
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from tasks.census.read import CensusError
from tests.census.conftest import Read, ReadCsv
from tests.census.workbooks import ods, ods_text, rows_of, xlsx

HEADER = ["employee_id", "birth_date", "hire_date", "salary"]
BOTH = ["%d/%m/%Y", "%Y-%m-%d"]


def cell(value: str | date) -> str:
    if isinstance(value, date):
        return f'<c r="{{at}}" s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
    return value


def workbook(path: Path, births: Sequence[str | date]) -> Path:
    rows = [[str(i), cell(birth), cell(date(2010, 1, 31)), "61000"] for i, birth in enumerate(births)]
    return xlsx(path / "census.xlsx", {"People": rows_of([HEADER, *rows])})


def csv_rows(births: Sequence[str]) -> list[str]:
    return [",".join(HEADER), *(f"{i},{birth},2010-01-31,61000" for i, birth in enumerate(births))]


def refusal(read: Read, path: Path, **changes: object) -> str:
    with pytest.raises(CensusError) as refused:
        read(path, max_rejected_share="1", **changes)
    return str(refused.value)


def test_date_cells_beside_texts_that_need_an_order_are_refused(tmp_path: Path, read: Read) -> None:
    path = workbook(tmp_path, [date(1958, 4, 3), "23/11/1962", "30/07/1966", date(1971, 9, 12)])
    message = refusal(read, path)
    assert "column birth_date mixes dates with texts of the form 23/11/1962" in message
    assert "the date 1958-04-03 in row 2 and the text '23/11/1962' in row 3" in message
    assert 'census.date_formats: ["%d/%m/%Y", "%Y-%m-%d"]' in message
    assert "no date (2) has a day above 12 and every such text (2) has" in message


@pytest.mark.parametrize("text", ["04/03/1958", "4-3-1958", "04/03/58", "13/04/1958 10:00"])
def test_they_are_refused_whatever_days_they_have(tmp_path: Path, read: Read, text: str) -> None:
    message = refusal(read, workbook(tmp_path, [date(1958, 4, 23), text]))
    assert "mixes dates" in message and "no date (" not in message


def test_to_state_how_one_sort_is_written_leaves_the_other_in_doubt(tmp_path: Path, read: Read) -> None:
    path = workbook(tmp_path, [date(1958, 4, 3), "23/11/1962"])
    for one in ("%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y"):
        assert "mixes dates" in refusal(read, path, date_formats=[one])
    births = read(path, date_formats=BOTH).employees["birth_date"].to_list()
    assert births == [date(1958, 4, 3), date(1962, 11, 23)]


def test_the_texts_format_is_proposed(tmp_path: Path, read: Read) -> None:
    message = refusal(read, workbook(tmp_path, [date(1958, 4, 3), "11-23-1962"]))
    assert 'census.date_formats: ["%m-%d-%Y", "%Y-%m-%d"]' in message
    two_digits = workbook(tmp_path, [date(1958, 4, 3), "11/23/62"])
    assert 'census.date_formats: ["%m/%d/%y", "%Y-%m-%d"]' in refusal(read, two_digits)
    births = read(two_digits, date_formats=["%m/%d/%y", "%Y-%m-%d"]).employees["birth_date"]
    assert births.to_list() == [date(1958, 4, 3), date(1962, 11, 23)]


def test_serial_numbers_are_dates_too(read_csv: ReadCsv) -> None:
    with pytest.raises(CensusError, match="the date 21278 in row 2 and the text '23/11/1962' in row 3"):
        read_csv(csv_rows(["21278", "23/11/1962"]))


@pytest.mark.parametrize(
    "texts",
    [
        ["1962-11-23", "1966/07/30"],
        ["23-Nov-1962", "Jul 30, 1966"],
        ["19621123", "1966-07-30T00:00:00"],
        ["31/12/9999", "1966-07-30"],  # a placeholder, whose row is bad
        ["13.10.1962", "09.08.1966"],  # with dots the day comes first, and no spreadsheet thinks otherwise
    ],
)
def test_texts_of_one_meaning_beside_date_cells_are_fine(
    tmp_path: Path, read: Read, texts: list[str]
) -> None:
    census = read(workbook(tmp_path, [date(1958, 4, 3), *texts]), max_rejected_share="1")
    assert census.employees.height == 3 - ("31/12/9999" in texts)


def test_texts_that_read_as_date_cells_do_are_texts(tmp_path: Path, read: Read) -> None:
    """A text 1958-04-23 00:00:00 was not converted; a date cell beside it was."""
    texts = ["1958-04-23 00:00:00", "1958-04-23", "23/11/1962"]
    assert read(workbook(tmp_path, texts)).employees.height == 3
    message = refusal(read, workbook(tmp_path, [*texts, date(1958, 4, 3)]))
    assert "the date 1958-04-03 in row 5" in message


def test_date_cells_of_ods_are_known_from_texts(tmp_path: Path, read: Read) -> None:
    stored = '<table:table-cell office:value-type="date" office:date-value="1958-04-03"/>'
    rows = ["".join(map(ods_text, HEADER))] + [
        ods_text(str(i)) + birth + ods_text("2010-01-31") + ods_text("61000")
        for i, birth in enumerate([ods_text("1958-04-23"), ods_text("23/11/1962")])
    ]
    assert read(ods(tmp_path / "a.ods", {"People": rows})).employees.height == 2
    rows.append(ods_text("3") + stored + ods_text("2010-01-31") + ods_text("61000"))
    assert "the date 1958-04-03 in row 4" in refusal(read, ods(tmp_path / "b.ods", {"People": rows}))


def test_a_conversion_that_was_saved_as_csv_shows(read_csv: ReadCsv) -> None:
    converted = ["1958-04-03", "1971-09-12", "1990-02-04"]
    with pytest.raises(CensusError, match=r"no date \(3\) has a day above 12 and every such text \(2\) has"):
        read_csv(csv_rows([*converted, "23/11/1962", "30/07/1966"]))
    with pytest.raises(CensusError, match=r"no date \(3\)"):
        read_csv(csv_rows([*converted, "23.11.1962", "30.07.1966"]))
    # not one that chance makes, nor one that has a day above 12 among the dates, or none among the texts
    assert read_csv(csv_rows(["1958-04-03", "23/11/1962"])).employees.height == 2
    assert read_csv(csv_rows([*converted, "1990-02-14", "23/11/1962", "30/07/1966"])).employees.height == 6
    assert read_csv(csv_rows([*converted, "23/11/1962", "03/07/1966"])).employees.height == 5
    census = read_csv(csv_rows([*converted, "23/11/1962", "30/07/1966"]), date_formats=BOTH)
    assert census.employees.height == 5


@pytest.mark.parametrize(
    ("converted", "texts", "formats"),
    [
        # a British list in an American Excel, whose cells show the month's name
        (["03-Apr-1958", "09-Dec-1971", "02-Apr-1990"], ["23/11/1962", "30/07/1966"], "%d/%m/%Y %d-%b-%Y"),
        (["Apr 3, 1958", "Dec 9, 1971", "Apr 2, 1990"], ["23/11/1962", "30/07/1966"], "%d/%m/%Y %b %d, %Y"),
        # an American list in a German one
        (["04.03.1958", "09.12.1971", "02.04.1990"], ["11/23/1962", "7/30/1966"], "%m/%d/%Y %d.%m.%Y"),
    ],
)  # fmt: skip
def test_a_conversion_shows_however_the_dates_are_written(
    read_csv: ReadCsv, converted: list[str], texts: list[str], formats: str
) -> None:
    both = formats.split(" ", 1)
    quoted = [f'"{birth}"' for birth in [*converted, *texts]]
    with pytest.raises(CensusError, match=r"no date \(3\) has a day above 12") as refused:
        read_csv(csv_rows(quoted))
    assert f'census.date_formats: ["{both[0]}", "{both[1]}"]' in str(refused.value)
    for one in both:
        with pytest.raises(CensusError):
            read_csv(csv_rows(quoted), date_formats=[one])
    assert read_csv(csv_rows(quoted), date_formats=both).employees.height == 5
    # a day above 12 among the dates: no conversion
    assert read_csv(csv_rows([*quoted, "14-Mar-1966", "14.03.1966"])).employees.height == 7


def test_whole_columns_of_one_sort_are_fine(
    tmp_path: Path, read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert read(workbook(tmp_path, [date(1958, 4, 3), date(1962, 2, 1)])).employees.height == 2
        assert read(workbook(tmp_path, ["23/11/1962", "03/04/1966"])).employees.height == 2
    assert not caplog.records
