"""Prefect artifacts of a fit and of a backtest: key figures, texts in Markdown, links to the pages."""

import socket
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

from tasks.server.artifacts import artifact_key
from tasks.text.markdown import escaped, table_lines
from tasks.text.tables import TextTable


def show_evidence(
    kind: str,
    key_figures: TextTable,
    others: Sequence[TextTable],
    page: Path,
    files: Mapping[Path, str],
) -> None:
    """Create the artifacts: a table, a text with all tables and files, and a link to the page.

    Args:
        kind: `fit` or `backtest`, the start of the artifacts' keys.
        key_figures: The table that is an artifact of its own.
        others: Further tables.
        page: The page to link. The link is of the worker's file system.
        files: What was written, each with what it holds.
    """
    key = artifact_key(kind, page.stem)
    create_table_artifact(key=f"{key}-figures", table=key_figures.records, description=key_figures.title)
    create_markdown_artifact(
        key=key,
        markdown=evidence_text(kind, [key_figures, *others], files),
        description=f"{kind.capitalize()} {page.stem}: {key_figures.title}",
    )
    create_link_artifact(
        key=f"{key}-page",
        link=page.resolve().as_uri(),
        link_text=page.name,
        description=f"Charts of the {kind}, on host {socket.gethostname()}",
    )


def evidence_text(kind: str, tables: Iterable[TextTable], files: Mapping[Path, str]) -> str:
    """Return tables and files in Markdown, without data on single employees."""
    lines = [f"# {kind.capitalize()}", ""]
    for table in tables:
        if table.row_count:
            rows = table.records
            lines += [f"## {escaped(table.title)}", ""]
            lines += [*table_lines(list(rows[0]), [list(row.values()) for row in rows]), ""]
    lines += ["## Files", "", f"On host `{socket.gethostname()}`:", ""]
    lines += [f"- `{path.resolve()}`: {what}" for path, what in files.items()]
    return "\n".join(lines)
