"""Facts of a summary: what each is called, as text for people and as a value for other programs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tasks.text.tables import TextTable


@dataclass(frozen=True)
class Fact:
    """A fact as text, and its value: a number, a date, a list; None where there is none."""

    text: str
    value: Any

    @classmethod
    def count(cls, number: Any) -> "Fact":
        """Return a number of things."""
        return cls(f"{number:,}", number)


def facts_table(facts: Mapping[str, Fact], name: str = "rows") -> TextTable:
    """Return facts by label as a table without headings; records have `name` (the label) and `value`."""
    table = TextTable(name=name, fields=("name", "value"), header=False)
    table.add_column("What", "key")
    table.add_column("Value", "prose")
    for label, fact in facts.items():
        snake_case = re.sub(r"\W+", "_", label.lower()).strip("_")
        table.add_row(label, fact.text, values={"name": snake_case, "value": fact.value})
    return table
