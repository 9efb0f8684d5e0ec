"""Text for pages that read Markdown: Prefect's and the dashboard's."""

import re


def escaped(text: str) -> str:
    """Text on one line whose signs mean nothing to Markdown: $ begins a formula, on the dashboard."""
    line = re.sub(r"[^\S\N{NO-BREAK SPACE}]+", " ", text).strip(" ")
    return re.sub(r"([\\`*_\[\]<>|#$~])", r"\\\1", line)
