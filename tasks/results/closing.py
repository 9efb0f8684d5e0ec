"""The end of a run: writes report, workbook, totals and history, and points `latest` to the run."""

from pathlib import Path

from tasks.ensembles import replicates
from tasks.results.report.write import write_results
from tasks.results.summary import totals, year_means
from tasks.runs.history import run_history
from tasks.runs.record import finish_record
from tasks.simulation.run import Run
from tasks.studies.attribution.stored import store_at_the_end
from tasks.warehouse import steps
from tasks.warehouse.inputs import write_history
from tasks.warehouse.publish import publish_actions, publish_monitoring


def close_run(run: Run) -> Path:
    """Write report and workbook, record totals, mark the run as complete, and point `latest` to it.

    Returns the run directory.
    """
    with run.progress.step("report"):
        store_at_the_end(run.directory)
        write_results(run.directory)
    with run.progress.step("close run"), run.database.connect() as connection:
        steps.log_steps(connection, run.progress.take_steps())
        write_history(connection, run_history(run.directory, "complete"), run.directory.run_id)
        # publish monitoring again: it now includes steps that followed each year's publication
        for year in (None, run.years.start - 1, *run.years):
            publish_monitoring(connection, run.directory.results, year)
        for year in run.years:
            publish_actions(connection, run.directory.results, year)
        found = totals(year_means(connection))
    replicates.remove_shards(run)
    finish_record(run.directory, "complete", found)
    run.directory.become_latest()
    return run.directory.path
