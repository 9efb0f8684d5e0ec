"""The tables of `workforce history check`: what was read, what it shows, and what it cannot show."""

from dataclasses import asdict

from tasks.history.accepted import Finding, History
from tasks.history.estimable import cannot_estimate
from tasks.history.windows import leavers_by_reason, window_figures
from tasks.text.tables import TextTable


def history_tables(history: History) -> tuple[TextTable, ...]:
    """Return tables `files`, `windows`, `reasons`, `findings` and `not_estimable`; some may have no rows."""
    return (
        _files(history),
        _windows(history),
        _reasons(history),
        _findings(history.findings),
        _missing(history),
    )


def _files(history: History) -> TextTable:
    title = "Lists of employees" if history.kind == "snapshots" else "File of hires and exits"
    table = TextTable(title, name="files", fields=("file", "date", "rows", "rejected", "employed"))
    table.add_column("File", "key")
    table.add_column("Date" if history.kind == "snapshots" else "Last date", "text")
    for heading in ("Rows", "Rejected", "Employed"):
        table.add_column(heading, "number")
    employed = dict(history.people.group_by("list").len().iter_rows())
    for number, file in enumerate(history.files):
        there = employed[number if history.kind == "snapshots" else history.windows]
        values = (file.name, file.date, file.rows_read, file.rejected, there)
        table.add_row(
            *(file.name, str(file.date), f"{file.rows_read:,}", f"{file.rejected:,}", f"{there:,}"),
            values=dict(zip(table.fields, values, strict=True)),
        )
    return table


def _windows(history: History) -> TextTable:
    figures = window_figures(history).drop("window")
    table = TextTable(
        "Windows: person-years, leavers and joiners of those employed at the start",
        name="windows",
        fields=figures.columns,
    )
    table.add_column("From", "key")
    table.add_column("To", "key")
    has_excluded = bool(figures["excluded"].sum())
    has_brief = bool(figures["joined_and_left"].sum())
    headings = ["Days", "Exposure", "Leavers", "Rate", "Joiners", "Returns"]
    if has_excluded:
        headings.insert(3, "Excluded")
    if has_brief:
        headings.append("In and out")
    for heading in headings:
        table.add_column(heading, "number")
    for row in figures.iter_rows(named=True):
        cells = {
            "Days": f"{row['days']:,}",
            "Exposure": f"{row['exposure']:,.1f}",
            "Leavers": f"{row['leavers']:,}",
            "Excluded": f"{row['excluded']:,}",
            "Rate": "–" if row["rate"] is None else f"{100 * row['rate']:.1f} %",
            "Joiners": f"{row['joiners']:,}",
            "Returns": f"{row['returns']:,}",
            "In and out": f"{row['joined_and_left']:,}",
        }
        shown = (cells[heading] for heading in headings)
        table.add_row(str(row["start"]), str(row["end"]), *shown, values=row)
    return table


def _reasons(history: History) -> TextTable:
    table = TextTable("Leavers by reason", name="reasons", fields=("reason", "leavers", "is_excluded"))
    table.add_column("Reason", "key")
    table.add_column("Leavers", "number")
    table.add_column("", "prose")
    if "reason" in history.columns:
        for reason, excluded, leavers in leavers_by_reason(history).iter_rows():
            table.add_row(
                *(reason or "(none)", f"{leavers:,}"),
                "excluded: not counted as an exit" if excluded else "",
                values={"reason": reason, "leavers": leavers, "is_excluded": excluded},
            )
    return table


def _findings(findings: tuple[Finding, ...]) -> TextTable:
    table = TextTable(
        "Findings: what may be wrong; nothing was changed because of it",
        name="findings",
        fields=("code", "text", "number", "examples"),
    )
    table.add_column("Finding", "key")
    table.add_column("Cases", "number")
    table.add_column("What", "prose")
    for finding in findings:
        examples = f". {'; '.join(finding.examples)}" if finding.examples else ""
        number = f"{finding.number:,}" if finding.number else "–"
        table.add_row(finding.code, number, f"{finding.text}{examples}", values=asdict(finding))
    return table


def _missing(history: History) -> TextTable:
    table = TextTable("Cannot be estimated from this history", name="not_estimable", fields=("what", "why"))
    table.add_column("What", "prose")
    table.add_column("Why", "prose")
    for what, why in cannot_estimate(history):
        table.add_row(what, why, values={"what": what, "why": why})
    return table
