"""The report as a PDF, typeset by Typst from the page's sections, without a browser or system packages."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tasks.results.report.heading import heading, run_facts
from tasks.results.report.html import Section, shown
from tasks.results.report.page import headlines
from tasks.results.report.sentences import sentences
from tasks.results.report.table import Table
from tasks.runs.record import RunRecord

TEMPLATE = Path(__file__).with_name("report.typ")


def pdf(tables: Sequence[Table], found: Sequence[Section], record: RunRecord) -> bytes:
    """Return the report as PDF. The template reads text from a JSON file, so that none is read as markup."""
    import typst  # 25 MB: loaded only to write a PDF

    with tempfile.TemporaryDirectory(prefix="workforce-report-") as name:
        folder = Path(name)
        document = {
            "run_id": record.run_id,
            "heading": heading(record),
            "facts": run_facts(record),
            "summary": [sentence._asdict() for sentence in sentences(tables, record)],
            "headlines": [] if len(record.scenario_ids) > 1 else headlines(tables, record),
            "sections": [_section(section, number, folder) for number, section in enumerate(found)],
        }
        (folder / "report.json").write_text(json.dumps(document), encoding="utf-8")
        (folder / "report.typ").write_bytes(TEMPLATE.read_bytes())
        compiled: bytes = typst.compile(folder / "report.typ", root=folder)
        return compiled


def _section(section: Section, number: int, folder: Path) -> dict[str, Any]:
    """Return a section as the template reads it; write its charts to files."""
    charts = []
    for index, (caption, chart) in enumerate(section.charts):
        file = f"chart-{number}-{index}.svg"
        (folder / file).write_text(chart, encoding="utf-8")
        charts.append({"file": file, "caption": caption})
    table = section.table
    return {
        "title": table.title,
        "note": f"{table.note} {section.remark}",
        "charts": charts,
        "columns": [
            {"label": heading, "right": column.kind not in ("text", "year", "month", "date")}
            for heading, column in zip(table.headings, table.columns, strict=True)
        ],
        "rows": [[shown(row[column.key], column.kind) for column in table.columns] for row in table.rows]
        if section.shows_rows
        else [],
    }
