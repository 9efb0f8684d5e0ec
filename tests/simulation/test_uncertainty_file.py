"""The file of simulation.uncertainty: what is refused and how, and how it stays with its run."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from settings import InputError
from tasks.runs.directory import RunDirectory
from tasks.runs.record import read_record
from tasks.runs.request import RunRequest, accept
from tasks.runs.resume import RunDamaged, recorded_settings, recorded_uncertainty
from tasks.runs.uncertainty import read_uncertainty
from tasks.simulation.opening import create_run
from tasks.studies.run_compare import what_differs
from tasks.warehouse.uncertainty import square_root
from tests.simulate import scenario_file
from tests.simulation.uncertain import document, uncertainty

SIZE = len(document()["parameters"])


def written(path: Path, **changed: Any) -> Path:
    """A file with some keys of the document changed."""
    path.write_text(json.dumps(document(**changed)), encoding="utf-8")
    return path


def request(file: Path, *sets: str, scenarios: tuple[Path, ...] = ()) -> RunRequest:
    """A run of the bundled sample with the file."""
    return RunRequest(sets=(f"simulation.uncertainty={file}", *sets), scenarios=scenarios)


def negative() -> list[list[float]]:
    """A diagonal matrix with a negative variance."""
    matrix: list[list[float]] = np.diag([-1.0, *[1.0] * (SIZE - 1)]).tolist()
    return matrix


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "format": ({"format": 2}, "format: 2 is not known; this version of the program reads format 1"),
    "rows": ({"covariance": [[1.0]]}, f"{SIZE} rows of {SIZE} numbers are expected"),
    "asymmetric": (
        {"covariance": [[float(row <= column) for column in range(SIZE)] for row in range(SIZE)]},
        "must be symmetric, but row 1, column 2 is 1 and row 2, column 1 is 0",
    ),
    "negative": ({"covariance": negative()}, "lowest eigenvalue is -1"),
    "unknown rate": (
        {"parameters": [{"rate": "retirements"}], "covariance": [[1.0]]},
        "parameters[0].rate: Input should be 'termination', 'promotion'",
    ),
    "no cause": (
        {"parameters": [{"rate": "termination"}], "covariance": [[1.0]]},
        "rate termination needs a cause",
    ),
    "twice": ({"parameters": [{"rate": "cola"}] * 2, "covariance": [[1.0] * 2] * 2}, "needs a unique name"),
    "probabilities": (
        {"year_effects": [{"rate": "raises", "scales": [
            {"probability": 0.5, "level_sd": 0, "walk_sd": 0, "independent_sd": 0}
        ]}]},
        "year_effects[0].scales: the probabilities must add up to 1, they add up to 0.5",
    ),
    "text for a number": (
        {"year_effects": [{"rate": "raises", "scales": [
            {"probability": "1", "level_sd": 0, "walk_sd": 0, "independent_sd": 0}
        ]}]},
        "year_effects[0].scales[0].probability: Input should be a valid number, found '1'",
    ),
    "unknown key": ({"seed": 1}, "seed: Extra inputs are not permitted"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_refused_with_key_and_what_is_allowed(tmp_path: Path, case: str) -> None:
    changed, message = WRONG[case]
    file = written(tmp_path / "u.json", **changed)
    with pytest.raises(InputError) as refused:
        read_uncertainty(file)
    assert str(file) in str(refused.value) and message in str(refused.value)
    assert len(str(refused.value)) < 2000, "no pages of numbers"


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda file: file.write_text("{"), "it is not JSON: EOF while parsing"),
        (lambda file: file.write_bytes(b"\xff\xfe"), "it is not JSON"),
        (lambda file: file.write_text("[]"), "should be an object"),
        (lambda file: file.mkdir(), "cannot be read: Is a directory"),
        (lambda _file: None, "cannot be read: No such file"),
    ],
)
def test_what_is_no_document_is_refused(tmp_path: Path, write: Callable[[Path], Any], message: str) -> None:
    write(tmp_path / "u.json")
    with pytest.raises(InputError, match=message):
        read_uncertainty(tmp_path / "u.json")


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("workforce.age_bands=[0, 30]", "termination voluntary age 25-34: it was estimated for other bands"),
        ("workforce.termination.voluntary=null", "termination voluntary: the settings have no such cause"),
    ],
)
def test_a_file_of_another_fit_is_refused_before_anything_runs(
    tmp_path: Path, setting: str, message: str
) -> None:
    file = written(tmp_path / "u.json")
    sets = [f"--set={one}" for one in (
        f"simulation.uncertainty={file}", setting, "workforce.termination.health={base: 0.1}",
        "workforce.promotion.factors.age={}",
        *(["workforce.termination.voluntary.factors.age={}"] if "bands" in setting else []),
    )]  # fmt: skip
    result = CliRunner().invoke(app, ["run", *sets, f"--output={tmp_path / 'runs'}"])
    assert result.exit_code == 2, result.output
    said = " ".join(result.output.split())
    assert message in said and "same fit" in said
    assert not (tmp_path / "runs").exists()


def test_a_transfer_or_dimension_that_nobody_has_is_refused(tmp_path: Path) -> None:
    parameters = [{"rate": "transfer"}, {"rate": "promotion", "attribute": "site", "value": "Oslo"}]
    file = written(tmp_path / "u.json", parameters=parameters, covariance=[[1.0, 0.0], [0.0, 1.0]])
    with pytest.raises(InputError) as refused:
        accept(request(file))
    assert "transfer: the settings have no transfers" in str(refused.value)
    assert "promotion site Oslo: employees have no such attribute" in str(refused.value)


def test_a_scenario_may_lack_a_cause_but_not_have_other_bands(tmp_path: Path) -> None:
    file = written(tmp_path / "u.json")
    other_cause = {"workforce.termination": {"voluntary": None, "health": {"base": 0.1}}}
    accept(request(file, scenarios=(scenario_file(tmp_path, "causes", other_cause),)))
    bands = {
        "workforce.age_bands": [0, 40],
        "workforce.termination.voluntary.factors.age": {},
        "workforce.promotion.factors.age": {},
    }
    with pytest.raises(InputError, match=r"scenario bands: workforce.age_bands has the bands <40, 40"):
        accept(request(file, scenarios=(scenario_file(tmp_path, "bands", bands),)))


def test_it_belongs_to_the_run_and_starts_at_the_settings_file(tmp_path: Path) -> None:
    file = written(tmp_path / "u.json")
    (tmp_path / "fitted.yaml").write_text("simulation: {uncertainty: u.json}\n", encoding="utf-8")
    assert accept(RunRequest(tmp_path / "fitted.yaml")).uncertainty == uncertainty()
    scenario = scenario_file(tmp_path, "own", {"simulation.uncertainty": str(file)})
    with pytest.raises(InputError, match=r"simulation.uncertainty"):
        accept(RunRequest(scenarios=(scenario,)))


def created(tmp_path: Path, name: str, file: Path | None) -> RunDirectory:
    """A run directory made from a request."""
    directory = RunDirectory(tmp_path / name)
    create_run(directory, accept(RunRequest() if file is None else request(file)))
    return directory


def test_a_run_keeps_what_it_began_with(tmp_path: Path) -> None:
    """The file may change or go; another content is another run, another place is not."""
    file = written(tmp_path / "u.json")
    run, plain = created(tmp_path, "run", file), created(tmp_path, "plain", None)
    other = created(tmp_path, "other", written(tmp_path / "other.json", year_effects=[]))
    inputs = [read_record(one).inputs.uncertainty for one in (run, plain, other)]
    assert inputs == [uncertainty().sha256, None, uncertainty(year_effects=[]).sha256]
    assert read_record(run).uncertainty.until == "2024-12-31"  # type: ignore[union-attr]
    assert not plain.uncertainty.exists() and recorded_uncertainty(plain) is None
    named = [name for name, *_ in what_differs(read_record(run), read_record(other))]
    assert "Uncertainty" in named

    written(file, year_effects=[])
    assert recorded_uncertainty(run) == uncertainty()
    recorded_settings(run, RunRequest())
    copy = written(tmp_path / "copy.json")
    recorded_settings(run, request(copy))
    with pytest.raises(InputError, match=r"the run began with u.json, which has other content"):
        recorded_settings(run, request(tmp_path / "other.json"))
    with pytest.raises(InputError, match="the run began without one"):
        recorded_settings(plain, request(copy))
    with pytest.raises(InputError, match=r"simulation.vary: the run has"):
        recorded_settings(run, replace(RunRequest(), sets=("simulation.vary=[chance]",)))
    run.uncertainty.write_text(uncertainty(year_effects=[]).as_json())
    with pytest.raises(RunDamaged, match="is not what run run began with"):
        recorded_uncertainty(run)


def test_the_square_root_is_symmetric_and_exists_for_dependent_parameters() -> None:
    dependent = [[0.04, 0.02, 0.0], [0.02, 0.01, 0.0], [0.0, 0.0, 0.0]]
    root = np.array(square_root(dependent))
    assert np.array_equal(root, root.T)
    assert np.abs(root @ root - dependent).max() < 1e-11
    assert square_root([[0.0]]) == [[0.0]]
