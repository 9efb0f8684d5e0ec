"""A loss of speed is reported and ends with status 1; ordinary variation is not."""

import json
from pathlib import Path

import pytest

from tests.benchmarks import regression
from tests.benchmarks.regression import main

#: Seconds, the same of the processor, on a quiet machine.
BEFORE = {"100k-cold": 60.0, "100k-floor": 20.0, "10k-cold": 25.0, "10k-floor": 2.0}


def written(path: Path, seconds: dict[str, float], load: float = 0.5, waiting: float = 0.0) -> str:
    figures = {
        name: {"seconds": one + waiting * ("cold" in name), "processor_seconds": one, "load": load}
        for name, one in seconds.items()
    }
    path.write_text(json.dumps({"measured": figures}))
    return str(path)


@pytest.fixture
def baseline(tmp_path: Path) -> str:
    path = tmp_path / "baseline.json"
    measured = written(tmp_path / "m.json", BEFORE)
    assert main(["--measured", measured, "--baseline", str(path), "--update"]) == 0
    ratio = {"processor_seconds": 3.0, "seconds": 3.0}
    assert json.loads(path.read_text())["ratios"]["100k-cold"] == ratio
    return str(path)


def test_a_loss_of_more_than_a_fifth_fails_and_says_of_what(
    baseline: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slower = written(tmp_path / "slower.json", {**BEFORE, "100k-cold": 73.0}, load=9)
    assert main(["--measured", slower, "--baseline", baseline]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "100k-cold takes 3.65 times the processor seconds of its floor, 22% more than the 3.00" in out
    assert "10k-cold takes" not in out


def test_waiting_is_a_loss_too_where_the_machine_is_quiet(
    baseline: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting = written(tmp_path / "waiting.json", BEFORE, waiting=20)
    assert main(["--measured", waiting, "--baseline", baseline]) == 1
    assert "100k-cold takes 4.00 times the seconds of its floor" in " ".join(capsys.readouterr().out.split())
    busy = written(tmp_path / "busy.json", BEFORE, load=9, waiting=20)
    assert main(["--measured", busy, "--baseline", baseline]) == 0


def test_a_machine_twice_as_slow_is_no_loss(baseline: str, tmp_path: Path) -> None:
    doubled = {name: 2 * seconds for name, seconds in BEFORE.items()}
    assert main(["--measured", written(tmp_path / "m.json", doubled), "--baseline", baseline]) == 0
    within = written(tmp_path / "within.json", {**BEFORE, "100k-cold": 71.0})
    assert main(["--measured", within, "--baseline", baseline]) == 0


def test_nothing_to_compare_is_no_pass(baseline: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing to compare"):
        main(["--measured", written(tmp_path / "m.json", {"1m-floor": 1.0}), "--baseline", baseline])


def test_the_stored_baseline_is_of_what_is_measured_by_default() -> None:
    stored = json.loads(regression.BASELINE.read_text())["ratios"]
    assert "processor_seconds" in stored["100k-cold"]
