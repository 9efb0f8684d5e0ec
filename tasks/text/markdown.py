"""Text for pages that read Markdown: Prefect's and the dashboard's."""

import re
from collections.abc import Iterable, Sequence


def escaped(text: str) -> str:
    """Return the text on one line, with Markdown's special characters and $ (formulas) escaped."""
    line = re.sub(r"[^\S\N{NO-BREAK SPACE}]+", " ", text).strip(" ")
    return re.sub(r"([\\`*_\[\]<>|#$~])", r"\\\1", line)


def table_lines(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table; its cells are plain text."""
    return [
        f"| {' | '.join(map(escaped, headings))} |",
        f"|{' --- |' * len(headings)}",
        *(f"| {' | '.join(map(escaped, row))} |" for row in rows),
    ]
