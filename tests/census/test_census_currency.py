"""One currency in a census: found, set, or refused."""

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest

from settings import InputError, load_settings
from tasks.census import Census, CensusError, census_summary
from tasks.census_amounts import find_currency
from tasks.census_parse import Where

HEADER = "employee_id,birth_date,hire_date,salary,termination_date,level,department,location"


def found(*texts: str | None, wanted: str | None = None) -> tuple[str | None, str]:
    column = pl.Series(list(texts), dtype=pl.String)
    return find_currency(column, Where("census.csv", pl.Series(range(2, 2 + len(texts)))), wanted)


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
    with pytest.raises(CensusError, match=r"If all of them are CAD, say so: census\.currency: CAD\."):
        found("$ 5", "CAD 5")
    assert found("$ 5", "CAD 5", wanted="CAD")[0] == "CAD"
    with pytest.raises(CensusError, match="more than one currency"):
        found("US$ 5", "CA$ 5", wanted="$")


def test_a_sign_on_some_amounts_is_taken_for_all_and_that_is_said() -> None:
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


def test_the_currency_is_that_of_those_employed_lately(
    read_csv: Callable[..., Census], row: Callable[..., str]
) -> None:
    left = row(employee_id="1", salary="DEM 90000", hire_date="1998-01-01", termination_date="1999-12-31")
    census = read_csv([HEADER, row(salary="€60000.00"), left])
    assert census.currency == "€"
    assert census_summary(census, date(2024, 12, 31))["Annual payroll"] == "€60,000.00"
