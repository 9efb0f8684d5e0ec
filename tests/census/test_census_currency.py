"""One currency in a census: found, set, or refused."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from settings import InputError, load_settings
from tasks.census.currencies import CurrencySources, find_currency
from tasks.census.parse import Where
from tasks.census.read import Census, CensusError, census_summary
from tests.census.conftest import OPENING
from tests.census.workbooks import ods, ods_text

HEADER = "employee_id,birth_date,hire_date,salary,termination_date,level,department,location"


def found(*texts: str | None, wanted: str | None = None) -> tuple[str | None, str]:
    column = pl.Series(list(texts), dtype=pl.String)
    return find_currency(
        column, Where("census.csv", pl.Series(range(2, 2 + len(texts)))), CurrencySources(wanted)
    )


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("$61,000", "$"), ("US$ 61,000", "US$"), ("CA$61,000", "CA$"), ("A$61,000", "A$"),
        ("€ 61.000,00", "€"), ("61.000,00 EUR", "EUR"), ("CHF 61’000.–", "CHF"), ("61 000 kr", "kr"),
        ("61000 kr.", "kr."), ("61000,00 zł", "zł"), ("61000 zl", "zl"), ("Rs. 61,000", "Rs."),
        ("₹5,60,000.00", "₹"), ("$61,000 CAD", "CAD"), ("-£5", "£"),
        ("61000", None), ("61000.-", None), ("", None), ("TBD", None), ("n/a", None),
    ],
)  # fmt: skip
def test_the_currency_of_an_amount_is_its_sign_or_code(text: str, currency: str | None) -> None:
    assert found(text)[0] == currency


def test_several_currencies_are_refused_with_a_row_of_each() -> None:
    with pytest.raises(CensusError) as refused:
        found("EUR 90,000", "$130,000", "£70,000", "EUR 1")
    assert "EUR ('EUR 90,000' in row 2), $ ('$130,000' in row 3), £ ('£70,000' in row 4)" in str(
        refused.value
    )


def test_a_sign_and_a_code_of_the_same_currency_are_one() -> None:
    assert found("€ 5", "EUR 5", "€ 6")[0] == "€"
    assert found("5 zł", "5 PLN")[0] is not None


def test_a_sign_that_several_currencies_share_is_not_taken_for_one_of_them_unless_settings_say_so() -> None:
    with pytest.raises(CensusError, match=r"If all of them are CAD, set census\.currency: CAD\."):
        found("$ 5", "CAD 5")
    assert found("$ 5", "CAD 5", wanted="CAD")[0] == "CAD"
    with pytest.raises(CensusError, match="more than one currency"):
        found("US$ 5", "CA$ 5", wanted="$")


def test_a_sign_on_some_amounts_is_taken_for_all_and_reported() -> None:
    assert found("$ 5", "6", None) == ("$", "$ on 1 of 2 salaries and taken for all")
    assert found("$ 5", "$6") == ("$", "$ on all salaries")


def test_the_setting_names_the_currency_and_contradicts_no_amount() -> None:
    assert found("5", wanted="EUR") == ("EUR", "set by census.currency; no salary names one")
    assert found("€ 5", wanted="EUR")[0] == "EUR"
    assert found("5 kr", wanted="NOK")[0] == "NOK"
    with pytest.raises(CensusError, match=r"in € \('€ 5' in row 3\), but census.currency is USD"):
        found("5", "€ 5", wanted="USD")
    with pytest.raises(InputError, match=r"census\.currency = Dollars: .*such as EUR"):
        load_settings(environ={}, sets=["census.currency=Dollars"])


@pytest.mark.parametrize("name", ["Currency", "Currency Code", "Pay Currency"])
def test_a_column_of_currencies_counts(
    read_csv: Callable[..., Census], row: Callable[..., str], name: str
) -> None:
    def census(*pay: tuple[str, str], **changes: str) -> Census:
        rows = [f"{row(employee_id=str(i), salary=amount)},{code}" for i, (amount, code) in enumerate(pay)]
        return read_csv([f"{HEADER},{name}", *rows], **changes)

    with pytest.raises(
        CensusError, match=rf"EUR \(column '{name}' in row 2\), USD \(.* in row 4\)"
    ) as refused:
        census(("90000", "EUR"), ("90000", "EUR"), ("130000", "USD"))
    assert "If that column is not the currency of the salaries, rename it" in str(refused.value)
    with pytest.raises(CensusError, match=r"more than one currency: USD .* CAD"):
        census(("$90000", "USD"), ("$90000", "CAD"))
    with pytest.raises(CensusError, match=r"an amount in \$ \('\$90000' in row 3\), but column .* is EUR"):
        census(("90000", "EUR"), ("$90000", ""))
    with pytest.raises(CensusError, match=r"USD by census\.currency, and EUR by column"):
        census(("90000", "EUR"), currency="USD")
    one = census(("$90000", "cad"), ("90000", "CAD - Canadian dollar"), ("90000", "n/a"))
    assert one.currency == "CAD"
    assert one.dropped_columns == ()
    assert one.dimensions == ("department", "location")
    assert census(("90000", "US Dollar")).currency is None
    with pytest.raises(CensusError, match=r"US Dollar .* Euro"):
        census(("90000", "US Dollar"), ("90000", "Euro"))


def test_the_name_of_the_salary_column_counts(
    read_csv: Callable[..., Census], row: Callable[..., str]
) -> None:
    def census(name: str, salary: str = "60000") -> Census:
        header = HEADER.replace("salary", name)
        return read_csv([header, row(salary=salary)], columns={"salary": name})

    names = {
        "Annual Salary (EUR)": "EUR", "Pay in £": "£", "BASE_PAY_USD": "USD", "Salary [US$]": "US$",
        "Annual Pay FTE": None, "Pay EUR/USD": None, "salary kr": None,
    }  # fmt: skip
    assert {name: census(name).currency for name in names} == names
    assert census("Annual Salary (CAD)", "$60000").currency == "CAD"
    with pytest.raises(CensusError, match=r"in \$ .* but the column's name 'Annual Salary \(EUR\)' is EUR"):
        census("Annual Salary (EUR)", "$60000")


def test_the_number_formats_of_a_workbook_count(tmp_path: Path, read: Callable[..., Census]) -> None:
    def census(*formats: str) -> Census:
        workbook = xlsxwriter.Workbook(tmp_path / "census.xlsx")
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["employee_id", "birth_date", "hire_date", "salary"])
        for i, code in enumerate(formats, 1):
            sheet.write_row(i, 0, [str(i), "1980-01-31", "2010-01-31"])
            sheet.write(i, 3, 60000 + i, workbook.add_format({"num_format": code}))
        workbook.close()
        return read(tmp_path / "census.xlsx")

    with pytest.raises(CensusError, match=r"€ \(the number format in row 2\), \$ \(.* in row 3\), £ \("):
        census("[$€-407] #,##0.00", '"$"#,##0.00', "[$£-809]#,##0")
    assert census("#,##0\\ [$€-1]", '_-* #,##0.00\\ "€"_-', "[$EUR] 0").currency == "€"
    assert census('#,##0.00 "kr"', "0").inferred["Currency"] == (
        "kr on 1 of 2 salaries and taken for all, by the number format of the cells"
    )
    assert census("#,##0", "0.00", "[$-409]0", '0.0 "Mio"', '0 "FTE"', "0.00%").currency is None


def test_the_currency_of_ods_cells_counts(tmp_path: Path, read: Callable[..., Census]) -> None:
    def census(*codes: str) -> Census:
        header = "".join(map(ods_text, ["employee_id", "birth_date", "hire_date", "salary"]))
        rows = [
            "".join(map(ods_text, [str(i), "1980-01-31", "2010-01-31"]))
            + '<table:table-cell office:value-type="currency" office:value="60000" '
            f'office:currency="{code}"/>'
            for i, code in enumerate(codes)
        ]
        return read(ods(tmp_path / "census.ods", {"People": [header, *rows]}))

    with pytest.raises(CensusError, match=r"EUR \(the number format in row 2\), USD \(.* in row 4\)"):
        census("EUR", "EUR", "USD")
    assert census("EUR", "EUR").currency == "EUR"


def test_the_currency_is_that_of_those_employed_lately(
    read_csv: Callable[..., Census], row: Callable[..., str]
) -> None:
    left = row(employee_id="1", salary="DEM 90000", hire_date="1998-01-01", termination_date="1999-12-31")
    census = read_csv([HEADER, row(salary="€60000.00"), left])
    assert census.currency == "€"
    assert census_summary(census, OPENING)["Annual payroll"].text == "€60,000.00"
