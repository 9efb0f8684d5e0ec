"""Publish a year as Parquet: results/TABLE/simulation_year=YEAR/scenario_id=ID/part.parquet.

Monitoring tables are not partitioned by scenario: results/mon_data_quality/simulation_year=YEAR/part.parquet.

A year's folder is written under a hidden name and then renamed, so that readers see a complete year or
none. Readers do not open the database.
"""

import shutil
from pathlib import Path

import duckdb

from tasks.system.queries import read_query

PUBLISHED = (
    "fct_workforce_events",
    "fct_workforce_snapshot",
    "fct_year_summary",
    "fct_level_summary",
    "fct_dimension_summary",
    "fct_hire_cohorts",
    "fct_month_summary",
    "fct_segment_summary",
    "fct_turnover_summary",
)
#: What became of the known actions. Not in the hash of a year: actions after the last year count as outside
#: all simulated years until the run is continued.
ACTIONS = "fct_planned_actions"
#: What replicates drew where assumptions are uncertain. It follows from the settings: no hash has it.
DRAWN = "fct_drawn_assumptions"
#: What past lists show of the first fiscal year before the opening date, and that year as a whole. Not in the
#: hash of a year: the months follow from the input, the whole year from them and the forecast. Runs without
#: past lists lack them.
ACTUALS = ("fct_actual_months", "fct_full_year_summary")
CHECKS = "mon_data_quality"
PERFORMANCE = "mon_pipeline_performance"
MONITORING = (CHECKS, PERFORMANCE, "growth_report")

#: Hive's name of the partition for null: steps that belong to no year.
NO_YEAR = "__HIVE_DEFAULT_PARTITION__"


def publish_year(connection: duckdb.DuckDBPyConnection, results: Path, year: int) -> None:
    """Write the year's rows of every published table.

    Raises duckdb.IOException or OSError if the disk is full.
    """
    scenarios = connection.execute("select scenario_id from inputs.scenarios order by all").fetchall()
    for table in PUBLISHED:
        folder = results / table
        folder.mkdir(parents=True, exist_ok=True)
        writing, target = folder / f".writing-{year}", folder / f"simulation_year={year}"
        _remove(writing)  # left by an interrupted attempt
        for (scenario,) in scenarios:
            partition = writing / f"scenario_id={scenario}"
            partition.mkdir(parents=True)
            connection.execute(
                read_query(__package__, "publish_year"),
                {"table": table, "year": year, "scenario": scenario, "file": str(partition / "part.parquet")},
            )
        _remove(target)
        writing.rename(target)
    publish_actions(connection, results, year)
    has_actuals = connection.execute("select has_actuals from inputs.run_control").fetchone() == (True,)
    for table in (DRAWN, *(ACTUALS if has_actuals else ())):
        _publish_rows(connection, results, table, year)
    publish_monitoring(connection, results, year)


def publish_actions(connection: duckdb.DuckDBPyConnection, results: Path, year: int) -> None:
    """Write the known actions that were settled in a year. An existing file is replaced atomically."""
    _publish_rows(connection, results, ACTIONS, year)


def publish_monitoring(connection: duckdb.DuckDBPyConnection, results: Path, year: int | None) -> None:
    """Write the monitoring rows of a year or of the opening state; None: rows that belong to no year.

    Existing files are replaced atomically.
    """
    for table in MONITORING if year is not None else (PERFORMANCE,):
        _publish_rows(connection, results, table, year)


def _publish_rows(connection: duckdb.DuckDBPyConnection, results: Path, table: str, year: int | None) -> None:
    """Write a table's rows of a year, or those that belong to no year, to one file."""
    folder = results / table / f"simulation_year={NO_YEAR if year is None else year}"
    folder.mkdir(parents=True, exist_ok=True)
    writing = folder / ".writing"
    connection.execute(
        read_query(__package__, "publish_rows"),
        {"table": table, "year": year, "file": str(writing)},
    )
    writing.replace(folder / "part.parquet")


def is_published(results: Path, year: int) -> bool:
    """Return whether the files of every table of the year exist."""
    tables = [results / table / f"simulation_year={year}" for table in PUBLISHED]
    reports = [
        results / table / f"simulation_year={year}" / "part.parquet"
        for table in (*MONITORING, ACTIONS, DRAWN)
    ]
    return all(table.is_dir() for table in tables) and all(report.is_file() for report in reports)


def drop_published(results: Path, from_year: int) -> None:
    """Remove the partitions of a year and all later ones."""
    for partition in results.glob("*/simulation_year=[0-9]*"):
        if int(partition.name.removeprefix("simulation_year=")) >= from_year:
            shutil.rmtree(partition)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
