"""Prefect artifacts: a table per year, a link to the run directory."""

import re
from collections.abc import Sequence
from typing import Any

from prefect.artifacts import create_link_artifact, create_table_artifact

from tasks.run_directory import RunDirectory


def year_table(directory: RunDirectory, year: int, rows: Sequence[dict[str, Any]]) -> None:
    """Show the year's summary, a row per scenario."""
    create_table_artifact(
        key=_key("year", directory.run_id, year),
        table=list(rows),
        description=f"Run {directory.run_id}, {year}: means over replicates",
    )


def run_link(directory: RunDirectory) -> None:
    """Link to the run directory."""
    create_link_artifact(
        key=_key("run", directory.run_id),
        link=directory.path.resolve().as_uri(),
        link_text=str(directory.path),
        description=f"Results of run {directory.run_id}",
    )


def _key(*parts: object) -> str:
    """An artifact key: lower-case letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]", "-", "-".join(map(str, parts)).lower())
