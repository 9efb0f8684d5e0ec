"""Read the currencies that an .xlsx or .ods shows by number formats, not in the cells' values.

fastexcel returns the number alone. Without its format, amounts of several currencies would be summed.
"""

import io
import re
import unicodedata
import zipfile

from tasks.census.reading.ods import ods_currencies
from tasks.census.reading.office import document, local_name
from tasks.census.reading.xlsx import style_numbers

_SYMBOL = re.compile(r"\[\$([^\]-]+)(?:-[^\]]*)?\]")  # [$€-407], [$USD]; [$-409] has no currency
_BRACKETS = re.compile(r"\[[^\]]*\]")
_QUOTED = re.compile(r'"([^"]*)"')
LONGEST_SIGN = 4
_STYLES = "xl/styles.xml"


def currency_formats(data: bytes, sheet: str, place: int) -> dict[int, str]:
    """Return row number → the currency in the number format of a column's cell, if it has one."""
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
    """Return for each cell style, by its number, the currency of its number format."""
    # Built-in formats, which the file does not define, show the currency of the reader's locale: they are
    # not a source of the currency.
    formats: dict[str, str | None] = {}
    styles: list[str | None] = []
    for part in document(archive, _STYLES):  # formats precede the styles that refer to them
        if local_name(part.tag) == "numFmts":
            for element in part:
                formats[element.get("numFmtId", "")] = _currency_of(element.get("formatCode", ""))
        if local_name(part.tag) == "cellXfs":
            styles = [formats.get(element.get("numFmtId", "")) for element in part]
    return styles


def _currency_of(code: str) -> str | None:
    """Return the currency in a number format such as [$€-407] #,##0; None if it has no currency."""
    positive = code.partition(";")[0]
    named = [match[1] for match in _SYMBOL.finditer(positive)]
    rest = _BRACKETS.sub("", positive)
    named += [match[1] for match in _QUOTED.finditer(rest)]
    named += [c for c in _QUOTED.sub("", rest) if unicodedata.category(c) == "Sc"]
    texts = (text.replace("\u00a0", " ").strip() for text in named)
    return next((text for text in texts if _is_sign(text)), None)


def _is_sign(text: str) -> bool:
    """Return whether a text may be a currency; the caller checks it against the table of currencies."""
    symbol = any(unicodedata.category(c) == "Sc" for c in text)
    return symbol or (len(text) <= LONGEST_SIGN and text.rstrip(".").isalpha())
