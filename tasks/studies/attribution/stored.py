"""The attribution beside a run, which its report shows: written at the run's end, or on request."""

import tempfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import polars as pl

from settings.errors import InputError
from tasks.runs.directory import RunDirectory
from tasks.runs.record import read_record
from tasks.runs.recorded import recorded_input
from tasks.studies.attribution.attribute import Attribution, Question, ask, attribute
from tasks.studies.compare import choose_baseline
from tasks.system.files import replacing

#: Estimated seconds of processor time that the end of a run may take. They are estimated by the employees
#: and the paths (scenarios × replicates) that are simulated for a year, as measured on a machine of 2 cores.
LONGEST_AT_THE_END = 10.0
EMPLOYEES_PER_SECOND, PATHS_PER_SECOND = 50_000, 50
SCHEMA = pl.Schema(
    {
        "scenario": pl.String,
        "baseline": pl.String,
        "setting": pl.String,
        "figure": pl.String,
        "simulation_year": pl.Int64,
        "contribution": pl.Float64,
        "standard_error": pl.Float64,
        "baseline_value": pl.Float64,
        "scenario_value": pl.Float64,
    }
)


def store_at_the_end(directory: RunDirectory) -> None:
    """Attribute the difference of each scenario of a finished run, if that takes seconds.

    Otherwise the run has no attribution, and an earlier one, of fewer years, is removed.
    """
    directory.attribution.unlink(missing_ok=True)
    record = read_record(directory)
    if len(record.scenario_ids) < 2:
        return
    found, baseline = recorded_input(directory), choose_baseline(record, None)
    questions = [ask(found, scenario, baseline) for scenario in record.scenario_ids if scenario != baseline]
    questions = [question for question in questions if question.mixtures.units]
    first, last = record.years
    paths = sum(len(each.coalitions) for each in questions) * record.replicates * (last - first + 1)
    seconds = paths * record.census.at_opening / EMPLOYEES_PER_SECOND + paths / PATHS_PER_SECOND
    if questions and seconds <= LONGEST_AT_THE_END:
        with tempfile.TemporaryDirectory(prefix="workforce-attribute-") as scratch:
            store(directory, attribute(directory, found, questions, Path(scratch)))


def store(directory: RunDirectory, answers: Sequence[Attribution]) -> None:
    """Write answers beside the run; those to other questions that are there stay.

    Raises InputError if the file that is there is damaged, OSError if it cannot be written.
    """
    new = [rows_of(answer) for answer in answers]
    asked = [_pair(answer.question) for answer in answers]
    kept = stored(directory).filter(~pl.struct("scenario", "baseline").is_in(asked))
    content = BytesIO()  # polars reports a full disk as an error of its own
    pl.concat([kept, *new]).write_parquet(content)
    with replacing(directory.attribution) as file:
        file.write(content.getbuffer())


def stored(directory: RunDirectory) -> pl.DataFrame:
    """Return the attribution beside a run, with the columns of SCHEMA; without rows if there is none.

    Raises InputError if the file is damaged.
    """
    if not directory.attribution.exists():
        return SCHEMA.to_frame()
    try:
        return pl.read_parquet(directory.attribution, glob=False)
    except pl.exceptions.ComputeError:
        raise InputError(
            f"{directory.attribution} is damaged; remove it, and make it again by "
            f"workforce attribute {directory.run_id} --save"
        ) from None


def rows_of(answer: Attribution) -> pl.DataFrame:
    """Return the rows of an answer with its scenarios, with the columns of SCHEMA."""
    scenario, baseline = pl.lit(answer.question.scenario), pl.lit(answer.question.baseline)
    rows = answer.rows.with_columns(scenario=scenario, baseline=baseline)
    return rows.select(SCHEMA.names()).cast(SCHEMA)


def _pair(question: Question) -> dict[str, str]:
    return {"scenario": question.scenario, "baseline": question.baseline}
