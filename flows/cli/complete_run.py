"""What commands that read results require of a run."""

from tasks.results.report.write import require_years
from tasks.runs.directory import RunDirectory
from tasks.warehouse.published import published


def check_published(directory: RunDirectory) -> None:
    """Raise InputError if the run has no complete year yet."""
    with published(directory.results, ["fct_year_summary"]) as connection:
        require_years(connection, directory)
