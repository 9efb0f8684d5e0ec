"""Prefect artifacts of a fit and of a backtest: key figures, a text in Markdown, a link to the page."""

import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

from tasks.server.artifacts import artifact_key
from tasks.text.markdown import escaped, table_lines
from tasks.text.tables import TextTable


def show_evidence(
    kind: str, key_figures: TextTable, text: str, page: Path, files: Mapping[Path, str]
) -> None:
    """Create the artifacts: a table, a text with the files, and a link to the page.

    Args:
        kind: `fit` or `backtest`, the start of the artifacts' keys.
        key_figures: The table that is an artifact of its own and the start of the text.
        text: The rest of the text, in Markdown.
        page: The page to link. The link is of the worker's file system.
        files: What was written, each with what it holds.
    """
    key = artifact_key(kind, page.stem)
    create_table_artifact(key=f"{key}-figures", table=key_figures.records, description=key_figures.title)
    create_markdown_artifact(
        key=key,
        markdown=evidence_text(kind, f"{tables_text([key_figures])}\n{text}", files),
        description=f"{kind.capitalize()} {page.stem}: {key_figures.title}",
    )
    create_link_artifact(
        key=f"{key}-page",
        link=page.resolve().as_uri(),
        link_text=page.name,
        description=f"Charts of the {kind}, on host {socket.gethostname()}",
    )


def evidence_text(kind: str, text: str, files: Mapping[Path, str]) -> str:
    """Return a text under its title, with the files, in Markdown."""
    return "\n".join(
        [
            f"# {kind.capitalize()}",
            "",
            text,
            "## Files",
            "",
            f"On host `{socket.gethostname()}`:",
            "",
            *(f"- `{path.resolve()}`: {what}" for path, what in files.items()),
        ]
    )


def tables_text(tables: Iterable[TextTable]) -> str:
    """Return tables that have rows in Markdown, each under its title."""
    lines: list[str] = []
    for table in tables:
        if table.row_count:
            rows = table.records
            lines += [f"## {escaped(table.title)}", ""]
            lines += [*table_lines(list(rows[0]), [list(row.values()) for row in rows]), ""]
    return "\n".join(lines)
