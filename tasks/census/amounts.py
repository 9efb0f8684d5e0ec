"""What the text of an amount means, its decimal mark and its currency, as payroll systems write them.

What a single cell leaves open (is 56.000 fifty-six?) its column decides. Where the column does not, the file
is refused: a guess would be wrong in silence.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

import polars as pl

from settings.models.currency import SIGNS, codes_of, currency_in_name, is_currency, is_listed
from tasks.census.errors import CensusError
from tasks.census.parse import Where, stripped
from tasks.census.reading.header import cut

log = logging.getLogger("workforce.census")

#: Currency codes and signs, as regular expressions; letters may precede a sign (US$).
_WORDS = "|".join(re.escape(sign) for sign in sorted(SIGNS, key=len, reverse=True) if sign.isalpha())
_CURRENCY = rf"(?:[A-Za-z]{{0,4}}\p{{Sc}}|(?i:{_WORDS})\.?|[A-Z]{{3}})"
#: Minus, currency, the number itself (which may have another minus), currency.
_AMOUNT = rf"^(-?)({_CURRENCY})?[\p{{Zs}}]*(-?\d.*?)[\p{{Zs}}]*({_CURRENCY})?$"
#: Dashes instead of decimals, as in 61'000.– or 61.000,- or 61 000:-, and the /- of Indian amounts.
_DASHES = r"(?:([.,])|[:/])[-–—]+$"
AMOUNT_ALLOWED = (
    "an amount above 0 with at most 9 digits before its decimal mark, such as 56000, 56,000.00, $56,000 or "
    "€ 56.000,00"
)


@dataclass(frozen=True)
class Amounts:
    """The amounts of a column, and what decided their decimal mark."""

    values: pl.Series
    decimal_mark: str


def parse_amounts(texts: pl.Series, where: Where, decimal_comma: bool | Literal["auto"] = "auto") -> Amounts:
    """Amounts as Decimal(14, 2), rounded half up; null where a text is no amount that fits."""
    bare = stripped(texts)
    if bare.str.contains(r"[^\d.,]").any():  # else it is as it stands, and a million of them take seconds
        # Without the currency, which `find_currency` sees to.
        bare = bare.str.replace(_AMOUNT, "${1}${3}").str.replace(_DASHES, "${1}")
    shown = "set by census.decimal_comma"
    if decimal_comma == "auto":
        decimal_comma, shown = _decimal_comma(texts, bare, where)
    mark = "," if decimal_comma else "."
    plain = (
        bare.set(~bare.str.contains(_amount_shape(mark)), None)
        .str.replace_all(rf"[^\d\-\{mark}]", "")
        .str.replace(mark, ".", literal=True)
    )
    # In decimal from the text on. Digits behind the sixth cannot change a cent, and would not fit.
    decimal = plain.str.extract(r"^(-?\d{1,18}(?:\.\d{0,6})?)\d*$").str.strip_suffix(".")
    # 9 digits leave pay room to grow tenfold within the 10 that the models compute exactly with
    exact = decimal.cast(pl.Decimal(30, 6), strict=False)
    values = exact.to_frame("x").select(
        pl.col("x")
        .round(2, mode="half_away_from_zero")
        .cast(pl.Decimal(11, 2), strict=False)
        .cast(pl.Decimal(14, 2))
    )["x"]
    return Amounts(values, f"{'comma' if decimal_comma else 'point'}: {shown}")


@dataclass(frozen=True)
class CurrencySources:
    """What names the currency of the salaries beside the salaries themselves."""

    setting: str | None = None  # census.currency
    header: str | None = None  # the salary column's name
    column: str = ""  # the name of a column of currencies …
    of_rows: pl.Series | None = None  # … and its cells
    of_cells: pl.Series | None = None  # what the number formats of the salary cells show


@dataclass(frozen=True)
class _Named:
    """A currency as amounts name it."""

    currency: str
    count: int  # of amounts that name it
    example: str  # where the first of them is

    @property
    def codes(self) -> frozenset[str]:
        return codes_of(self.currency)


def find_currency(
    texts: pl.Series, where: Where, sources: CurrencySources = CurrencySources()
) -> tuple[str | None, str]:
    """The one currency of a column of amounts, and how it was found; None where nothing names one.

    Raises CensusError where amounts name several, or another than the settings, the column's name or the
    file's column of currencies. A sign that several currencies share, such as $, is any of them if one of
    those says so, else a currency of its own.
    """
    of_rows = _named_by(sources.of_rows, texts, where, f"column {sources.column!r}", is_code=True)
    stated = {"census.currency": sources.setting}
    if sources.header is not None:
        stated[f"the column's name {sources.header!r}"] = currency_in_name(sources.header)
    if len({each.codes for each in of_rows}) > 1:
        raise CensusError(
            f"{_several(where, of_rows)} If that column is not the currency of the salaries, rename it."
        )
    if of_rows and is_currency(of_rows[0].currency):
        stated[of_rows[0].example] = of_rows[0].currency
    wanted, by = _agreed({by: currency for by, currency in stated.items() if currency}, where)

    found = _currencies(texts, where)
    # Of a text that names its currency itself, the format is not seen.
    numbers = texts.set(texts.str.contains(r"[\p{L}\p{Sc}]"), None)
    formats = _named_by(sources.of_cells, numbers, where, "the number format", is_code=False)
    shown = [each for each in formats if is_listed(each.currency)]
    found += shown
    if wanted is not None:
        other = [each for each in found if not each.codes & codes_of(wanted)]
        if other:
            raise CensusError(
                f"{where.file}: column salary has an amount in {other[0].currency} ({other[0].example}), but "
                f"{by} is {wanted}. "
                + (
                    "Set census.currency to the currency of the file, or convert"
                    if sources.setting
                    else "Convert"
                )
                + " the amounts in the file: nothing is converted here."
            )
    # what `wanted` leaves open is settled by it
    meanings = {each.codes for each in found if wanted is None or len(each.codes) == 1}
    if len(meanings) > 1:
        one = min(frozenset.intersection(*meanings), default=None)
        raise CensusError(
            _several(where, found)
            + (f" If all of them are {one}, say so: census.currency: {one}." if one else "")
        )
    if not found:
        if wanted and by == "census.currency":
            return wanted, "set by census.currency; no salary names one"
        return wanted, f"{wanted}, by {by}" if wanted else "no salary names one"
    most = max(found, key=lambda each: each.count)
    named, amounts = sum(each.count for each in found), len(texts) - texts.null_count()
    share = "all salaries" if named >= amounts else f"{named:,} of {amounts:,} salaries and taken for all"
    by_format = ", by the number format of the cells" if most in shown else ""
    return wanted or most.currency, f"{most.currency} on {share}{by_format}"


def _several(where: Where, found: Sequence[_Named]) -> str:
    examples = ", ".join(f"{each.currency} ({each.example})" for each in found[:5])
    return (
        f"{where.file}: column salary has amounts in more than one currency: {examples}. A census has one, "
        "and nothing is converted here: convert the amounts in the file."
    )


def _agreed(stated: Mapping[str, str], where: Where) -> tuple[str | None, str]:
    """The most exact of the currencies that hold for the whole file, and what states it."""
    if not stated:
        return None, ""
    if not frozenset.intersection(*map(codes_of, stated.values())):
        (one, first), (other, second) = next(iter(stated.items())), [*stated.items()][-1]
        raise CensusError(
            f"{where.file}: the currency of the salaries is {first} by {one}, and {second} by {other}. "
            "Correct what is wrong: a census has one currency, and nothing is converted here."
        )
    if "census.currency" in stated:
        return stated["census.currency"], "census.currency"
    by = min(stated, key=lambda by: len(codes_of(stated[by])))
    return stated[by], by


def _named_by(
    names: pl.Series | None, texts: pl.Series, where: Where, by: str, *, is_code: bool
) -> list[_Named]:
    """The currencies named beside amounts, in the order in which they occur; of `EUR - Euro` the code."""
    if names is None:
        return []
    name = pl.col("name").str.strip_chars()
    if is_code:
        code = name.str.extract(r"^([A-Za-z]{3})(?:\W|$)").str.to_uppercase()
        name = pl.when(name.str.to_lowercase().is_in([*SIGNS])).then(name).otherwise(pl.coalesce(code, name))
    rows = (
        pl.DataFrame({"name": names, "text": texts, "row": where.rows})
        .with_columns(name=name)
        .filter(
            pl.col("name").str.contains(r"[\p{L}\p{Sc}]"),
            ~pl.col("name").str.contains(r"(?i)^(?:null|none|nan|nil|n/?a)$"),
            pl.col("text").is_not_null(),
        )
    )
    groups = rows.group_by("name", maintain_order=True).agg(pl.len(), pl.col("row").first())
    return [_Named(cut(name), count, f"{by} in row {row}") for name, count, row in groups.iter_rows()]


def _currencies(texts: pl.Series, where: Where) -> list[_Named]:
    """The currencies that the amounts of a column name, in the order in which they occur."""
    named = texts.filter(texts.str.contains(r"[\p{L}\p{Sc}]").fill_null(False))
    groups = (
        pl.DataFrame(
            {"text": named, "before": named.str.extract(_AMOUNT, 2), "after": named.str.extract(_AMOUNT, 4)}
        )
        .group_by("before", "after", maintain_order=True)
        .agg(pl.len(), pl.col("text").first())
    )
    found: dict[str, _Named] = {}
    for before, after, count, text in groups.iter_rows():
        for currency in _exact(before, after):
            known = found.get(currency)
            if known is None:
                known = _Named(currency, 0, where.first(texts, pl.Series([text])))
            found[currency] = replace(known, count=known.count + count)
    return list(found.values())


def _exact(before: str | None, after: str | None) -> list[str]:
    """The currencies that one amount names; of $ before and CAD after it, CAD."""
    named = [currency for currency in (before, after) if currency]
    if len(named) == 2 and codes_of(named[0]) & codes_of(named[1]):
        return [min(reversed(named), key=lambda currency: len(codes_of(currency)))]
    return named


def _amount_shape(mark: str) -> str:
    """A number with this decimal mark, its thousands set apart by blank, apostrophe or the other mark.

    Beside a decimal point, also India's groups of two digits above the thousands: 12,34,567.00.
    """
    other = "." if mark == "," else ","
    lakhs = r"|\d{1,2}(?:,\d{2})+,\d{3}" if mark == "." else ""
    return rf"^-?(?:\d+|\d{{1,3}}(?:[\p{{Zs}}'’ʼ´`\{other}]\d{{3}})+{lakhs})(?:\{mark}\d*)?$"


def _decimal_comma(texts: pl.Series, bare: pl.Series, where: Where) -> tuple[bool, str]:
    """Whether the column's decimal mark is a comma, and what shows it: amounts of one reading only."""
    as_point, as_comma = (bare.str.contains(_amount_shape(mark)) for mark in (".", ","))
    only_point, only_comma = texts.filter(as_point & ~as_comma), texts.filter(as_comma & ~as_point)
    hint = "Say which mark is the decimal mark: census.decimal_comma: true (56.000,00) or false (56,000.00)"
    if len(only_point) and len(only_comma):
        raise CensusError(
            f"{where.file}: column salary mixes decimal points ({where.first(texts, only_point)}) and "
            f"decimal commas ({where.first(texts, only_comma)}). {hint}; amounts of the "
            "other kind are then bad rows."
        )
    if len(only_point):
        return False, f"row {where.row(texts, only_point)} shows it"
    if len(only_comma):
        log.info("%s: the salaries have a decimal comma", where.file)
        return True, f"row {where.row(texts, only_comma)} shows it"
    # 56,000 alone means thousands, since no one pays in thousandths; a lone 56.000 may be either that
    # or what is left of 56000 by a system that counts in thousands.
    is_open = bare.str.contains(r"\.\d") & as_point & as_comma
    unclear = texts.filter(is_open)
    if len(unclear):
        amount = bare.filter(is_open)[0].lstrip("-")
        units = Decimal(amount).normalize()
        raise CensusError(
            f"{where.file}: column salary: {where.first(texts, unclear)} may be {units:f} thousand or "
            f"{units:f} units, and no amount in the column tells which. Say so in the settings: "
            f"census.decimal_comma: true if {amount} is {1000 * units:f}, false if it is {units:f}."
        )
    return False, "assumed, as no salary has decimals"
