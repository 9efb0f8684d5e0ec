"""Dates and amounts as payroll systems write them."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.census.amounts import parse_amounts
from tasks.census.dates import parse_dates
from tasks.census.parse import Where
from tasks.census.read import Census, CensusError

ReadCsv = Callable[..., Census]
OPENING = date(2024, 12, 31)


def where(size: int) -> Where:
    return Where("census.csv", pl.Series(range(2, 2 + size)))


def dates(*texts: str, formats: tuple[str, ...] = ()) -> list[date | None]:
    column = pl.Series(list(texts), dtype=pl.String)
    read = parse_dates({"hire_date": column}, where(len(texts)), OPENING, formats)
    return read.columns["hire_date"].to_list()


def amounts(*texts: str, decimal_comma: bool | str = "auto") -> list[Decimal | None]:
    column = pl.Series(list(texts), dtype=pl.String)
    return parse_amounts(column, where(len(texts)), decimal_comma).values.to_list()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "2020-01-31", " 2020-01-31 ", "2020/01/31", "2020.1.31", "20200131", "31.01.2020", "31.1.2020",
        "31-Jan-2020", "31-JAN-2020", "31 January 2020", "31jan2020", "Jan 31, 2020", "January 31 2020",
        "31/01/2020", "01/31/2020", "1-31-2020", "43861", "43861.75",
        "2020-01-31T00:00:00", "2020-01-31 23:59:59.999", "2020-01-31T12:00:00+02:00", "2020-01-31T12:00Z",
        "01/31/2020 12:00:00 AM", "31.01.2020 08:15",
    ],
)  # fmt: skip
def test_a_date_is_read_in_every_form(text: str) -> None:
    assert dates(text) == [date(2020, 1, 31)]


@pytest.mark.parametrize(
    "text",
    [
        "31/01/20", "31.01.20", "31-Jan-20", "200131", "2020-02-30", "32/01/2020",
        "13/13/2020", "1/2", "Foo 1, 2020", "٠١/٠٢/٢٠٢٠", "٤٣٨٦١",
    ],
)  # fmt: skip
def test_what_is_no_date_with_four_digits_of_year_is_none(text: str) -> None:
    assert dates(text) == [None]


def test_a_day_above_12_decides_for_its_column() -> None:
    assert dates("03/04/2020", "25/12/2020") == [date(2020, 4, 3), date(2020, 12, 25)]
    assert dates("03/04/2020", "12/25/2020") == [date(2020, 3, 4), date(2020, 12, 25)]


def test_a_column_without_one_follows_the_files_other_date_columns() -> None:
    read = parse_dates(
        {"hire_date": pl.Series(["13/01/2020"]), "termination_date": pl.Series(["03/04/2020"])},
        where(1),
        OPENING,
    )
    assert read.columns["termination_date"].to_list() == [date(2020, 4, 3)]


def test_dates_that_nothing_decides_are_refused_and_those_that_need_no_decision_are_read() -> None:
    with pytest.raises(CensusError, match=r"'03/04/2020' in row 3 .*census.date_formats"):
        dates("05/05/2020", "03/04/2020")
    assert dates("05/05/2020") == [date(2020, 5, 5)]


def test_columns_that_contradict_one_another_decide_nothing_for_a_third() -> None:
    columns = {"a": pl.Series(["13/01/2020"]), "b": pl.Series(["01/13/2020"]), "c": pl.Series(["01/02/2020"])}
    with pytest.raises(CensusError, match="column c"):
        parse_dates(columns, where(1), OPENING)


def test_a_column_of_both_orders_is_refused_with_both_rows() -> None:
    with pytest.raises(CensusError, match=r"'25/12/2020' in row 2.*'12/25/2020' in row 3"):
        dates("25/12/2020", "12/25/2020")


def test_the_users_formats_come_first_and_settle_the_order() -> None:
    assert dates("03/04/2020", "25/12/2020", formats=("%m/%d/%Y",)) == [date(2020, 3, 4), None]
    assert dates("31_01_20", "2020-01-31", formats=("%d_%m_%y",)) == [date(2020, 1, 31)] * 2
    assert dates("03/04/2020 10:30", formats=("%d/%m/%Y",)) == [date(2020, 4, 3)]


@pytest.mark.parametrize("fmt", ["dd/mm/yyyy", "%d/%m"])
def test_a_format_that_is_none_is_refused(fmt: str) -> None:
    with pytest.raises(CensusError, match=r"census\.date_formats"):
        dates("2020-01-31", formats=(fmt,))


@given(day=st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_day_comes_back_in_every_unambiguous_form(day: date) -> None:
    forms = [
        day.isoformat(), f"{day:%Y%m%d}", f"{day:%d.%m.%Y}", f"{day.day}-{day:%b-%Y}",
        f"{day:%B} {day.day}, {day:%Y}",
    ]  # fmt: skip
    assert dates(*forms) == [day] * len(forms)
    serial = (day - date(1899, 12, 30)).days
    if serial >= 10_000 and serial <= 73_050:
        assert dates(str(serial)) == [date(1899, 12, 30) + timedelta(days=serial)]


@pytest.mark.parametrize(
    "text",
    [
        "56000", "56000.00", "56,000.00", "56,000", "$56,000", "$ 56,000.00", "56.000,00", "56000,00",
        "56 000",
        "56\u00a0000,00", "56\u202f000", "56'000.00", "56’000", "€ 56 000", "56.000,00 €", "EUR 56000",
        "56000 USD", "US$56,000", " 56000 ", "56000.", "£56,000.0",
    ],
)  # fmt: skip
def test_an_amount_is_read_in_every_form(text: str) -> None:
    assert amounts(text) == [Decimal("56000.00")]


@pytest.mark.parametrize(
    "text",
    ["", "x", "5,6,000", "56,00,0", "1.2.3", "(56000)", "56000-",
     "--5", "5 6", "5%", "1e5", "NaN", "inf", "0x10", "$", "٥٦٠٠٠"],
)  # fmt: skip
def test_what_is_no_amount_is_none(text: str) -> None:
    assert amounts(text) == [None]


def test_the_column_decides_what_its_marks_mean() -> None:
    assert amounts("56.000", "1.234,50") == [Decimal("56000.00"), Decimal("1234.50")]
    assert amounts("56.000", "1234.5") == [Decimal("56.00"), Decimal("1234.50")]
    assert amounts("56.000", decimal_comma=True) == [Decimal("56000.00")]
    assert amounts("56.000", decimal_comma=False) == [Decimal("56.00")]


def test_amounts_that_nothing_decides_or_that_contradict_are_refused() -> None:
    with pytest.raises(CensusError, match=r"'56.000' in row 2 may be .*census.decimal_comma"):
        amounts("56.000", "61.000")
    with pytest.raises(CensusError, match=r"'1,000.50' in row 2.*'1.000,50' in row 3"):
        amounts("1,000.50", "1.000,50")
    assert amounts("1,000.50", "1.000,50", decimal_comma=False) == [Decimal("1000.50"), None]


@given(st.decimals(min_value=0, max_value=999_999_999, places=7))
def test_amounts_are_rounded_half_up_to_the_cent_in_decimal(amount: Decimal) -> None:
    cents = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert amounts(f"{amount:f}", decimal_comma=False) == [cents]
    assert amounts(f"{amount:,f}", decimal_comma=False) == [cents]


@pytest.mark.parametrize(
    "text",
    [
        "2020-01-31 00:00:00 UTC", "2020-01-31 00:00:00 GMT", "2020-01-31 06:09:38 UTC",
        "2020-01-31 00:00:00+00", "2020-01-31T00:00:00+00:00", "2020-01-31T00:00:00.000+0000",
        "2020-01-31T00:00:00Z", "31.01.2020 00:00 CET", "01/31/2020 11:30 PM EST",
        "2020-01-31T00:00:00+05:30", "2020-01-31 23:00:00-08",
    ],
)  # fmt: skip
def test_a_time_is_dropped_with_its_zone_and_the_date_taken_as_written(text: str) -> None:
    assert dates(text) == [date(2020, 1, 31)]


def test_midnights_of_another_zone_in_utc_are_refused_since_the_date_is_a_day_early() -> None:
    moved = ("1958-03-03T23:00:00Z", "1990-05-15T22:00:00Z")  # 4 March and 16 May in Oslo
    with pytest.raises(CensusError, match=r"'1958-03-03T23:00:00Z' in row 2.*a day too early.*date_formats"):
        dates(*moved)
    assert dates(*moved, formats=("%Y-%m-%dT%H:%M:%SZ",)) == [date(1958, 3, 3), date(1990, 5, 15)]
    # with any other time, times are what they say
    assert dates(*moved, "2000-02-29T00:00:00Z") == [date(1958, 3, 3), date(1990, 5, 15), date(2000, 2, 29)]


@pytest.mark.parametrize(
    ("fmt", "texts"),
    [
        ("%m/%d/%y", ("03/04/58", "11/23/62", "12/31/24", "01/01/25", "02/29/00")),
        ("%d.%m.%y", ("04.03.58", "23.11.62", "31.12.24", "01.01.25", "29.02.00")),
        ("%d-%b-%y", ("04-Mar-58", "23-NOV-62", "31-Dec-24", "01-Jan-25", "29-Feb-00")),
        ("%D", ("03/04/58", "11/23/62", "12/31/24", "01/01/25 10:30", "02/29/00")),
    ],
)
def test_two_digits_of_year_are_of_the_latest_century_up_to_the_opening(
    fmt: str, texts: tuple[str, ...]
) -> None:
    assert dates(*texts, formats=(fmt,)) == [
        date(1958, 3, 4), date(1962, 11, 23), date(2024, 12, 31), date(1925, 1, 1), date(2000, 2, 29),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("hired", "left", "read"),
    [
        ("16.05.90", "30.06.15", date(2015, 6, 30)),
        ("16.05.90", "31.12.99", date(1999, 12, 31)),
        ("16.05.10", "30.06.25", date(2025, 6, 30)),  # will leave, and did not in 1925
        ("16.05.10", "30.04.09", date(2009, 4, 30)),  # before the hire, and not in 2109
        ("", "30.06.15", date(2015, 6, 30)),
        ("16.05.2010", "30.06.2009", date(2009, 6, 30)),  # four digits say what they say
    ],
)
def test_two_digits_of_a_leavers_year_are_of_the_century_that_the_hire_leaves_open(
    hired: str, left: str, read: date
) -> None:
    columns = {"hire_date": pl.Series([hired]), "termination_date": pl.Series([left])}
    parsed = parse_dates(columns, where(1), OPENING, ["%d.%m.%y"])
    assert parsed.columns["termination_date"].to_list() == [read]


@pytest.mark.parametrize("formats", [("%m/%d/%Y", "%m/%d/%y"), ("%m/%d/%y", "%m/%d/%Y"), ("%m/%d/%y",)])
def test_a_format_beyond_the_years_of_a_census_falls_through_to_the_next(formats: tuple[str, ...]) -> None:
    assert dates("03/04/78", "5/6/1990", "43861", formats=formats) == [
        date(1978, 3, 4), date(1990, 5, 6), date(2020, 1, 31),
    ]  # fmt: skip


def test_formats_of_both_orders_leave_the_built_in_forms_what_they_do_not_read() -> None:
    formats = ("%m/%d/%y", "%d/%m/%y")
    assert dates("3/4/58", "25/12/58", "25/12/1990", "3/4/1990", formats=formats) == [
        date(1958, 3, 4), date(1958, 12, 25), date(1990, 12, 25), None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("5,60,000.00", 560_000), ("₹5,60,000", 560_000), ("1,25,000", 125_000),
        ("Rs. 12,34,567/-", 1_234_567), ("Rs.61,000", 61_000), ("61 000 kr", 61_000),
        ("kr 61 000,00", 61_000), ("61 000:-", 61_000), ("61.000,- kr.", 61_000), ("61\u2009000 zl", 61_000),
        ("61\u00a0000,00 zł", 61_000), ("PLN 61000", 61_000),
        ("CHF 61’000.–", 61_000), ("61'000.-", 61_000), ("SFr. 61'000.—", 61_000), ("CA$61,000", 61_000),
        ("A$ 61,000.00", 61_000), ("$61,000 USD", 61_000), ("61.000,00 Euro", 61_000), ("R 61 000", 61_000),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_it_is_written_around_the_world(text: str, amount: int) -> None:
    assert amounts(text) == [Decimal(amount)]


def test_an_ambiguous_amount_is_reported_with_both_readings() -> None:
    with pytest.raises(
        CensusError, match=r"'61\.000' in row 2 may be 61 thousand or 61 units.* is 61000, fal"
    ):
        amounts("61.000", "64.500")
    with pytest.raises(CensusError, match=r"may be 64\.5 thousand or 64\.5 units.*true if 64\.500 is 64500"):
        amounts("€ 64.500")


@pytest.mark.parametrize(
    ("births", "formats"),
    [
        (["03/04/58", "11/23/62"], ["%m/%d/%y"]),
        (["03/04/58", "23/11/62"], ["%d/%m/%y"]),
        (["03/04/58", "04/11/62"], ["%m/%d/%y", "%d/%m/%y"]),
        (["3-4-58 00:00", "23-11-62 00:00"], ["%d-%m-%y"]),
        (["03.04.58", "04.11.62"], ["%d.%m.%y"]),
        (["04-Mar-58", "23-NOV-62"], ["%d-%b-%y"]),
        (["04MAR58", "23NOV62"], ["%d%b%y"]),
    ],
)
def test_formats_are_proposed_where_years_have_two_digits(
    read_csv: Callable[..., Census], row: Callable[..., str], births: list[str], formats: list[str]
) -> None:
    header = "employee_id,birth_date,hire_date,salary,termination_date,level,department,location"
    rows = [header, *(row(employee_id=str(i), birth_date=birth) for i, birth in enumerate(births))]
    with pytest.raises(CensusError) as refused:
        read_csv(rows)
    message = str(refused.value)
    assert f"2 of 2 bad dates have a two-digit year, such as {births[0].split()[0]!r}" in message
    assert " or ".join(f'census.date_formats: ["{each}"]' for each in formats) in message
    assert ("whichever applies" in message) == (len(formats) > 1)
    for each in formats:
        assert read_csv(rows, date_formats=[each]).employees.height == 2


def test_no_format_is_proposed_for_other_bad_dates(
    read_csv: Callable[..., Census], row: Callable[..., str]
) -> None:
    header = "employee_id,birth_date,hire_date,salary,termination_date,level,department,location"
    with pytest.raises(CensusError) as refused:
        read_csv([header, row(birth_date="unknown"), row(employee_id="2", birth_date="1.2.3")])
    assert "two digits" not in str(refused.value)
    with pytest.raises(CensusError) as refused:  # it was read: what is wrong is the age
        read_csv([header, row(birth_date="01/31/09")], date_formats=["%m/%d/%y"])
    assert "two digits" not in str(refused.value)
