"""Currency codes such as EUR, signs such as $ or kr, and the codes that each sign may stand for."""

import re
import unicodedata
from collections.abc import Mapping

_DOLLARS = ("USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN", "ARS", "CLP", "COP", "JMD", "TTD", "BBD")
_RUPEES = ("INR", "PKR", "LKR", "NPR", "MUR", "SCR")

#: Sign → the codes that it may stand for. A full stop after letters is removed before the look-up.
SIGNS: Mapping[str, tuple[str, ...]] = {
    "€": ("EUR",), "euro": ("EUR",),
    "$": _DOLLARS, "us$": ("USD",), "ca$": ("CAD",), "can$": ("CAD",), "c$": ("CAD",), "a$": ("AUD",),
    "au$": ("AUD",), "nz$": ("NZD",), "hk$": ("HKD",), "s$": ("SGD",), "sg$": ("SGD",), "nt$": ("TWD",),
    "mx$": ("MXN",), "mex$": ("MXN",), "r$": ("BRL",),
    "£": ("GBP",), "¥": ("JPY", "CNY"), "￥": ("JPY", "CNY"), "₹": ("INR",), "₨": _RUPEES, "rs": _RUPEES,
    "kr": ("SEK", "NOK", "DKK", "ISK"), "zł": ("PLN",), "zl": ("PLN",), "fr": ("CHF",), "sfr": ("CHF",),
    "kč": ("CZK",), "ft": ("HUF",), "lei": ("RON", "MDL"), "лв": ("BGN",), "₽": ("RUB",), "₺": ("TRY",),
    "₴": ("UAH",), "₩": ("KRW",), "₪": ("ILS",), "₫": ("VND",), "₱": ("PHP",), "฿": ("THB",), "₦": ("NGN",),
    "rm": ("MYR",), "rp": ("IDR",), "r": ("ZAR",),
}  # fmt: skip

#: Codes that count as currencies even where other words of three capitals, such as FTE, may occur.
_CODES = frozenset(code for codes in SIGNS.values() for code in codes) | {
    "AED", "BHD", "CRC", "DOP", "EGP", "GHS", "KES", "KWD", "KZT", "MAD", "PEN", "QAR", "RSD", "SAR", "TND",
    "UYU",
}  # fmt: skip
_CODE = re.compile(r"[A-Z]{3}")
_LETTERS = re.compile(r"[A-Za-z]{0,4}")  # before a symbol, as in US$
#: Signs that are written after the amount.
_AFTER_AMOUNT = {"kr", "zł", "zl", "kč", "ft", "lei", "лв"}


def codes_of(currency: str) -> frozenset[str]:
    """Return the codes that a currency's code or sign may stand for; for an unknown sign, the sign itself."""
    plain = currency.strip()
    if _CODE.fullmatch(plain):
        return frozenset([plain])
    if _CODE.match(plain) and not plain[3:].isalnum():  # USD$
        return frozenset([plain[:3]])
    return frozenset(SIGNS.get(_plain(plain), [plain]))


def is_currency(text: str) -> bool:
    """Return whether a text can be the currency of an amount: a code, or a known or unknown sign."""
    letters, symbol = text[:-1], text[-1:] or " "
    # Python's Unicode tables may lack the newest symbols of the currency block
    is_symbol = unicodedata.category(symbol) == "Sc" or "\u20a0" <= symbol <= "\u20cf"
    return _is_known(text) or (is_symbol and _LETTERS.fullmatch(letters) is not None)


def is_listed(text: str) -> bool:
    """Return whether a text is a currency even where other words, such as FTE or YTD, may occur."""
    return text in _CODES or (is_currency(text) and _CODE.fullmatch(text) is None)


def currency_in_name(name: str) -> str | None:
    """Return the currency in a column's name, such as Annual Salary (EUR); None if it has none or several."""
    words = re.split(r"[\s()\[\]{}/,;:_-]+", name)
    named = {word for word in words if is_listed(word) and (word in _CODES or not word.isalpha())}
    return named.pop() if len(named) == 1 else None


def follows_amount(currency: str) -> bool:
    """Return whether a currency is written after its amounts."""
    return _plain(currency) in _AFTER_AMOUNT


def known_currency(text: str) -> str:
    """Return a currency's code or sign without blanks around it. Raises ValueError for any other text."""
    plain = text.strip()
    if not _is_known(plain):
        raise ValueError(
            "a currency's code of three capital letters such as EUR is expected, or a sign such as $, €, £, "
            "kr, zł or Rs."
        )
    return plain


def _is_known(text: str) -> bool:
    return _CODE.fullmatch(text) is not None or _plain(text) in SIGNS


def _plain(sign: str) -> str:
    """Return a sign in the form of the keys of SIGNS: without the full stop after it."""
    return sign.removesuffix(".").casefold()
