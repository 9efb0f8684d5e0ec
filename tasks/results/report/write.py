"""Writes report.html and results.xlsx into a run directory, or the report to a file."""

from pathlib import Path

import duckdb

from settings.errors import InputError
from tasks.results.report.figures import tables
from tasks.results.report.key_figures import overview
from tasks.results.report.page import page, sections
from tasks.results.report.pdf import pdf
from tasks.results.report.table import Table
from tasks.results.report.workbook import write_workbook
from tasks.runs.company import in_number_format
from tasks.runs.directory import RunDirectory
from tasks.runs.record import RunRecord, read_record
from tasks.system.files import replace_text, replacing
from tasks.warehouse.published import ResultsDamaged, published, require_columns, view_names, without_files


def write_results(directory: RunDirectory) -> None:
    """Write report.html and results.xlsx from the published tables."""
    record = read_record(directory)
    with in_number_format(record):
        found = _tables(directory, record)
        write_workbook(directory.workbook, found, record)
        found = _with_overview(found, record)
        replace_text(directory.report, page(found, sections(found), record))


def write_report(directory: RunDirectory, path: Path) -> None:
    """Write the report to a file: a PDF or slides if its name ends in .pdf or .pptx, else an HTML page.

    Raises InputError if the run has no complete year.
    """
    record = read_record(directory)
    with in_number_format(record):
        content = _content(_tables(directory, record), record, path.suffix)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file:
        file.write(content)


def _content(found: list[Table], record: RunRecord, suffix: str) -> bytes:
    if suffix == ".pptx":
        from tasks.results.report.deck import deck  # python-pptx: loaded only to write slides

        return deck(found, record)
    found = _with_overview(found, record)
    drawn = sections(found)
    return pdf(found, drawn, record) if suffix == ".pdf" else page(found, drawn, record).encode()


def _tables(directory: RunDirectory, record: RunRecord) -> list[Table]:
    with published(directory.results) as connection:
        require_years(connection, directory)
        return tables(connection, record, directory=directory)


def _with_overview(found: list[Table], record: RunRecord) -> list[Table]:
    """Put the scenarios' key figures and differences first; with one, tiles and summary have them."""
    return [overview(found, record), *found] if len(record.scenario_ids) > 1 else found


def require_years(connection: duckdb.DuckDBPyConnection, directory: RunDirectory) -> None:
    """Check that the results can be read.

    Raises InputError if no year is published yet, or an earlier version of the program published them;
    ResultsDamaged if a complete run's files are missing.
    """
    if "fct_year_summary" not in view_names(connection):
        if read_record(directory).status == "complete":
            raise ResultsDamaged(without_files(directory.results))
        raise InputError(
            f"run {directory.run_id} has no complete year yet, so there are no results; see {directory.log}"
        )
    require_columns(connection, directory.run_id)
