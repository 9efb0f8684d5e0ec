"""Text for pages that read Markdown: Prefect's and the dashboard's."""

import re


def escaped(text: str) -> str:
    """Return the text on one line, with Markdown's special characters and $ (formulas) escaped."""
    line = re.sub(r"[^\S\N{NO-BREAK SPACE}]+", " ", text).strip(" ")
    return re.sub(r"([\\`*_\[\]<>|#$~])", r"\\\1", line)
