"""A year of any run: rows of shards are collected, or the year is simulated here."""

from tasks.ensembles.shards import CHECKS, EFFECTS, gather_year, read_plan
from tasks.simulation.run import Run
from tasks.simulation.year import YEAR, build, build_year


def advance_year(run: Run, year: int) -> None:
    """Advance every scenario and replicate by the year: one dbt build, tests included.

    If the run was simulated in shards, their rows are collected instead, and all rows are checked together.
    Raises DbtError, or ShardsIncomplete if rows are missing.
    """
    shards = read_plan(run.directory)
    if not shards:
        build_year(run, year)
        return
    with run.progress.step("gather", year):
        gather_year(run, shards, year)
    build(run, year, [EFFECTS, CHECKS])


#: The steps of a year of any run.
RUN_YEAR = tuple(advance_year if step is build_year else step for step in YEAR)
