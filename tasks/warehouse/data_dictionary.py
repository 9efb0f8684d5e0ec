"""docs/data.md: every table with its grain and columns, from the descriptions in the dbt project.

`python -m tasks.warehouse.data_dictionary` writes the page; a test compares it.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tasks.system.project import ROOT
from tasks.warehouse.dbt import manifest, models

if TYPE_CHECKING:
    from dbt.artifacts.resources.v1.components import ColumnInfo

PAGE = ROOT / "docs" / "data.md"

HEAD = """# Data dictionary

Made by `python -m tasks.warehouse.data_dictionary` from the descriptions in `dbt_project/models/`; do not \
edit it here.

Tables are in `simulation.duckdb` of a run, schema `main`; the marts are also published as Parquet in \
`results/`. Where a row is an employee or a month, the dimensions of the census (`department`, `location`) \
are further columns. Money is DECIMAL, dates are DATE, ids are text. `dbt docs` shows the same with \
lineage: see [development.md](development.md#dbts-own-documentation).
"""

LAYERS = {
    "marts": "What users query.",
    "monitoring": "Checks, timings and what dashboards read.",
    "intermediate": "One step of the arithmetic each; most hold the year under simulation alone.",
    "staging": "Input, named and cast.",
}


def data_dictionary() -> str:
    """Return the text of docs/data.md."""
    parts = [HEAD]
    for layer, purpose in LAYERS.items():
        found = [node for _, node in sorted(models().items()) if node.fqn[1] == layer]
        parts.append(f"\n## {layer.capitalize()}\n\n{purpose}\n")
        parts += [_table(node.name, node.description, node.columns.values()) for node in found]
    parts.append(
        "\n## Inputs\n\nWritten before dbt runs, in schema `inputs`, but for those of schema `main`.\n"
    )
    for source in sorted(manifest().sources.values(), key=lambda source: source.name):
        parts.append(_table(source.name, source.description, source.columns.values()))
    return "".join(parts)


def _table(name: str, description: str, columns: "Iterable[ColumnInfo]") -> str:
    rows = "".join(
        f"| `{column.name}` | {column.data_type or ''} | {_line(column.description)} |\n"
        for column in columns
    )
    header = "\n| column | type | what it is |\n| --- | --- | --- |\n" if rows else ""
    return f"\n### {name}\n\n{_line(description)}\n{header}{rows}"


def _line(text: str) -> str:
    """A description on one line, fit for a table."""
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(data_dictionary(), "utf-8")
