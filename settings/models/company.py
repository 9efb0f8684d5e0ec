"""Settings of the company: its name, and how its reports write numbers."""

import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.models.base import SettingsGroup


def _one_line(name: str) -> str:
    """Return a name without blanks around it. Raises ValueError if it is empty or has control characters."""
    plain = name.strip()
    if not plain or any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in plain):
        raise ValueError("a name on one line is expected")
    return plain


CompanyName = Annotated[str, Field(max_length=100), AfterValidator(_one_line)]
#: Each shows how it writes one thousand two hundred and thirty-four and a half.
NumberFormatName = Literal["1,234.5", "1.234,5", "1 234,5", "1 234.5", "1'234.5"]


class CompanySettings(SettingsGroup):
    """Whose workforce it is; the currency is in census.currency, as it belongs to the amounts there."""

    name: CompanyName | None = Field(
        description="Name of the company, in the titles of report, workbook, slides and dashboard; null: none"
    )
    number_format: NumberFormatName = Field(
        description="How report, slides and dashboard write numbers, as an example; a workbook's numbers "
        "follow the reader's spreadsheet program"
    )
