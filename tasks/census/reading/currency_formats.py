"""Currencies that an .xlsx or .ods shows beside its numbers and does not store in them.

Excel writes $ or € by a cell's number format. The number alone, which is all that fastexcel gives, would be
added up with those of other currencies.
"""

import io
import re
import unicodedata
import zipfile

from tasks.census.reading.ods import ods_currencies
from tasks.census.reading.office import document, local_name
from tasks.census.reading.xlsx import style_numbers

_SYMBOL = re.compile(r"\[\$([^\]-]+)(?:-[^\]]*)?\]")  # [$€-407], [$USD]; [$-409] is a language alone
_BRACKETS = re.compile(r"\[[^\]]*\]")
_QUOTED = re.compile(r'"([^"]*)"')
LONGEST_SIGN = 4
_STYLES = "xl/styles.xml"


def currency_formats(data: bytes, sheet: str, place: int) -> dict[int, str]:
    """Row number → the currency that the number format of a column's cell shows, where it shows one."""
    if not data.startswith(b"PK"):
        return {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if "content.xml" in archive.namelist():
            return dict(ods_currencies(archive, sheet, place))
        if not {"xl/workbook.xml", _STYLES} <= set(archive.namelist()):
            return {}
        shown = _by_style(archive)
        if not any(shown):
            return {}
        return {
            row: currency
            for row, style in style_numbers(archive, sheet, place)
            if style < len(shown) and (currency := shown[style])
        }


def _by_style(archive: zipfile.ZipFile) -> list[str | None]:
    """For each style that a cell may have, by its number, the currency of its number format."""
    # Those that the file does not define show the currency of whoever looks at it, and so name none.
    formats: dict[str, str | None] = {}
    styles: list[str | None] = []
    for part in document(archive, _STYLES):  # in which the formats come first
        if local_name(part.tag) == "numFmts":
            for element in part:
                formats[element.get("numFmtId", "")] = _currency_of(element.get("formatCode", ""))
        if local_name(part.tag) == "cellXfs":
            styles = [formats.get(element.get("numFmtId", "")) for element in part]
    return styles


def _currency_of(code: str) -> str | None:
    """The currency in a number format, such as [$€-407] #,##0; None where it has none."""
    positive = code.partition(";")[0]
    named = [match[1] for match in _SYMBOL.finditer(positive)]
    rest = _BRACKETS.sub("", positive)
    named += [match[1] for match in _QUOTED.finditer(rest)]
    named += [c for c in _QUOTED.sub("", rest) if unicodedata.category(c) == "Sc"]
    texts = (text.replace("\u00a0", " ").strip() for text in named)
    return next((text for text in texts if _is_sign(text)), None)


def _is_sign(text: str) -> bool:
    """Whether a text may be a currency, which the caller's table of them decides."""
    symbol = any(unicodedata.category(c) == "Sc" for c in text)
    return symbol or (len(text) <= LONGEST_SIGN and text.rstrip(".").isalpha())
