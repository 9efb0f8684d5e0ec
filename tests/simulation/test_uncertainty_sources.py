"""What the spread of a run consists of: the sentence on its bands, and the share of each source."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from tasks.ensembles.gathering import RUN_YEAR
from tasks.results.drawn import what_differs_between_replicates
from tasks.runs.directory import RunDirectory
from tasks.runs.record import RunRecord, UncertaintyRecord, read_record
from tasks.runs.request import RunRequest, accept
from tasks.simulation.opening import create_run
from tasks.simulation.preparation import build_baseline
from tasks.simulation.year import simulate_years
from tasks.studies.precision import monte_carlo_errors
from tasks.studies.sources import contributions
from tasks.warehouse.published import published
from tests.simulation.test_uncertainty_file import written

FITTED = UncertaintyRecord(file="u.json", sha256="0", until="2024-12-31", lists=3)


@pytest.mark.parametrize(
    ("vary", "uncertainty", "sentence"),
    [
        (["chance", "parameters", "years"], None, "chance per person only; the assumptions are taken as"),
        (["chance", "years"], FITTED, "chance per person and year effects, as estimated from history"),
        (["chance"], FITTED, "chance per person only; the assumptions are taken as certain."),
        ([], FITTED, "Nothing differs between replicates"),
        (None, None, "chance per person only"),
    ],
)  # fmt: skip
def test_the_bands_of_a_run_say_what_they_contain(
    vary: list[str] | None, uncertainty: UncertaintyRecord | None, sentence: str
) -> None:
    """Also those of runs of earlier versions, which did not record `vary`."""
    simulation = {} if vary is None else {"vary": vary}
    record = RunRecord.model_construct(settings={"simulation": simulation}, uncertainty=uncertainty)
    assert sentence in what_differs_between_replicates(record)


@pytest.mark.slow
def test_a_frozen_source_takes_its_share_of_the_variance(tmp_path: Path) -> None:
    """With year effects alone in the file, freezing parameters takes nothing, to the last digit.

    Turnover in mode exact is a quota, so that years take all of it, and chance nothing.
    """
    file = written(tmp_path / "u.json", parameters=[], covariance=[])
    sets = (f"simulation.uncertainty={file}", "simulation.replicates=4", "simulation.end_year=2025")
    run = create_run(RunDirectory(tmp_path / "run"), accept(RunRequest(sets=sets)))
    with run.at_work():
        simulate_years(run, build_baseline(run), RUN_YEAR)
    assert "year effects" in what_differs_between_replicates(read_record(run.directory))
    with published(run.directory.results) as connection:
        errors = monte_carlo_errors(connection)
        drawn = connection.sql("select distinct source from fct_drawn_assumptions").fetchall()
    assert drawn == [("years",)]
    found, sources = contributions(run.directory, errors, tmp_path)
    assert sources == ["chance", "parameters", "years"]
    by_figure = {row["figure"]: row for row in found.iter_rows(named=True)}
    assert "headcount" not in by_figure, "a target, met exactly"
    for row in by_figure.values():
        assert row["parameters"] == pytest.approx(0, abs=1e-12)
    assert by_figure["leavers"]["years"] == 1
    assert by_figure["leavers"]["chance"] == pytest.approx(0, abs=1e-12)
    assert by_figure["promotions"]["chance"] < 1, "years still make them differ"
    told = CliRunner().invoke(app, ["precision", "run", "--output", str(tmp_path)]).output
    assert "The same in every replicate: headcount" in told
    assert "only pay and promotions vary" not in told
