"""Currencies as amounts name them: codes such as EUR, signs such as $ or kr, and what the signs may mean."""

import re
from collections.abc import Mapping

_DOLLARS = ("USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN", "ARS", "CLP", "COP", "JMD", "TTD", "BBD")
_RUPEES = ("INR", "PKR", "LKR", "NPR", "MUR", "SCR")

#: Sign → the codes that it may stand for. A full stop after letters is dropped before the look-up.
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

_CODE = re.compile(r"[A-Z]{3}")


def codes_of(currency: str) -> frozenset[str]:
    """The codes that a currency's code or sign may stand for; of an unknown sign, the sign itself."""
    plain = currency.strip()
    if _CODE.fullmatch(plain):
        return frozenset([plain])
    if _CODE.match(plain) and not plain[3:].isalnum():  # USD$
        return frozenset([plain[:3]])
    return frozenset(SIGNS.get(plain.rstrip(".").casefold(), [plain]))


def known_currency(text: str) -> str:
    """Refuse a text that is neither a currency's code nor its sign."""
    plain = text.strip()
    if not _CODE.fullmatch(plain) and plain.rstrip(".").casefold() not in SIGNS:
        raise ValueError(
            "a currency's code of three capital letters such as EUR is expected, or a sign such as $, €, £, "
            "kr, zł or Rs."
        )
    return plain
