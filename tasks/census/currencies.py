"""Determine the currency of the salaries, and refuse a file with more than one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from settings.models.currency import SIGNS, codes_of, currency_in_name, is_currency, is_listed
from tasks.census.amounts import AMOUNT
from tasks.census.errors import CensusError
from tasks.census.parse import Where
from tasks.census.reading.header import cut


@dataclass(frozen=True)
class CurrencySources:
    """Sources of the currency other than the salaries themselves."""

    setting: str | None = None  # census.currency
    header: str | None = None  # the salary column's name
    column: str = ""  # the name of a column of currencies …
    of_rows: pl.Series | None = None  # … and its cells
    of_cells: pl.Series | None = None  # what the number formats of the salary cells show


@dataclass(frozen=True)
class _Named:
    """A currency named by amounts."""

    currency: str
    count: int  # of amounts that name it
    example: str  # the first of them and its row

    @property
    def codes(self) -> frozenset[str]:
        return codes_of(self.currency)


def find_currency(
    texts: pl.Series, where: Where, sources: CurrencySources = CurrencySources()
) -> tuple[str | None, str]:
    """Return the currency of a column of amounts, and how it was found; None if nothing names a currency.

    A sign that several currencies share, such as $, stands for one of them if the settings, the column's name
    or the file's column of currencies name it. Otherwise the sign is a currency itself.
    Raises CensusError if amounts name more than one currency, or contradict one of these sources.
    """
    wanted, by = _agreed(_stated(texts, where, sources), where)
    by_format = _shown_by_formats(texts, where, sources)
    found = [*_currencies(texts, where), *by_format]
    if wanted is not None:
        _check_agreement(found, wanted, by, where)
    # `wanted` decides which currency a shared sign stands for, so only unambiguous names count
    meanings = {each.codes for each in found if wanted is None or len(each.codes) == 1}
    if len(meanings) > 1:
        one = min(frozenset.intersection(*meanings), default=None)
        raise CensusError(
            _several(where, found)
            + (f" If all of them are {one}, set census.currency: {one}." if one else "")
        )
    if not found:
        if wanted and by == "census.currency":
            return wanted, "set by census.currency; no salary names one"
        return wanted, f"{wanted}, by {by}" if wanted else "no salary names one"
    most = max(found, key=lambda each: each.count)
    count, amounts = sum(each.count for each in found), len(texts) - texts.null_count()
    share = "all salaries" if count >= amounts else f"{count:,} of {amounts:,} salaries and taken for all"
    how = ", by the number format of the cells" if most in by_format else ""
    return wanted or most.currency, f"{most.currency} on {share}{how}"


def _stated(texts: pl.Series, where: Where, sources: CurrencySources) -> dict[str, str]:
    """Return source → the currency that it states for the file. Raises CensusError if rows differ."""
    of_rows = _named_by(sources.of_rows, texts, where, f"column {sources.column!r}", is_code=True)
    if len({each.codes for each in of_rows}) > 1:
        raise CensusError(
            f"{_several(where, of_rows)} If that column is not the currency of the salaries, rename it."
        )
    stated = {"census.currency": sources.setting}
    if sources.header is not None:
        stated[f"the column's name {sources.header!r}"] = currency_in_name(sources.header)
    if of_rows and is_currency(of_rows[0].currency):
        stated[of_rows[0].example] = of_rows[0].currency
    return {by: currency for by, currency in stated.items() if currency}


def _shown_by_formats(texts: pl.Series, where: Where, sources: CurrencySources) -> list[_Named]:
    """Return the currencies that number formats show beside amounts."""
    # Spreadsheets do not apply the number format to a text, so skip texts that name their currency.
    numbers = texts.set(texts.str.contains(r"[\p{L}\p{Sc}]"), None)
    formats = _named_by(sources.of_cells, numbers, where, "the number format", is_code=False)
    return [each for each in formats if is_listed(each.currency)]


def _check_agreement(found: Sequence[_Named], wanted: str, by: str, where: Where) -> None:
    """Raise CensusError if an amount names another currency than `wanted`, which the source `by` states."""
    other = next((each for each in found if not each.codes & codes_of(wanted)), None)
    if other:
        is_set = by == "census.currency"
        advice = "Set census.currency to the currency of the file, or convert" if is_set else "Convert"
        raise CensusError(
            f"{where.file}: column salary has an amount in {other.currency} ({other.example}), but "
            f"{by} is {wanted}. {advice} the amounts in the file: nothing is converted."
        )


def _several(where: Where, found: Sequence[_Named]) -> str:
    examples = ", ".join(f"{each.currency} ({each.example})" for each in found[:5])
    return (
        f"{where.file}: column salary has amounts in more than one currency: {examples}. A file has one "
        "currency, and nothing is converted: convert the amounts in the file."
    )


def _agreed(stated: Mapping[str, str], where: Where) -> tuple[str | None, str]:
    """Return the most specific currency stated for the file, and its source; (None, "") if none is stated."""
    if not stated:
        return None, ""
    if not frozenset.intersection(*map(codes_of, stated.values())):
        (one, first), (other, second) = next(iter(stated.items())), [*stated.items()][-1]
        raise CensusError(
            f"{where.file}: the currency of the salaries is {first} by {one}, and {second} by {other}. "
            "Correct one of them: a file has one currency, and nothing is converted."
        )
    if "census.currency" in stated:
        return stated["census.currency"], "census.currency"
    by = min(stated, key=lambda by: len(codes_of(stated[by])))
    return stated[by], by


def _named_by(
    names: pl.Series | None, texts: pl.Series, where: Where, by: str, *, is_code: bool
) -> list[_Named]:
    """Return the currencies named beside amounts, in order of occurrence; for `EUR - Euro`, the code."""
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
    """Return the currencies that the amounts of a column name, in order of occurrence."""
    named = texts.filter(texts.str.contains(r"[\p{L}\p{Sc}]").fill_null(False))
    groups = (
        pl.DataFrame(
            {"text": named, "before": named.str.extract(AMOUNT, 2), "after": named.str.extract(AMOUNT, 4)}
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
    """Return the currencies that one amount names; for `$ 5 CAD`, only CAD."""
    named = [currency for currency in (before, after) if currency]
    if len(named) == 2 and codes_of(named[0]) & codes_of(named[1]):
        return [min(reversed(named), key=lambda currency: len(codes_of(currency)))]
    return named
