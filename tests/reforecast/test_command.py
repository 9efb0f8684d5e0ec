"""`workforce reforecast` as a user calls it: from object storage, killed in the middle, and again."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tasks.alerts import store_of
from tasks.reforecast.comparison import ELAPSED, compare
from tasks.reforecast.record import ReforecastRecord
from tasks.reforecast.request import Planned
from tasks.runs.budget import NamedBudget
from tasks.runs.directory import RunDirectory
from tasks.runs.request import RunRequest
from tests.reforecast.places import (
    budget_and_settings,
    object_storage,
    quarter_end_list,
    write_list,
    year_end_list,
)

pytestmark = pytest.mark.slow


def start(folder: Path, storage: dict[str, str], *flags: str) -> "subprocess.Popen[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}
    return subprocess.Popen(
        [str(Path(sys.executable).parent / "workforce"), "reforecast", "--config", "settings.yaml", *flags],
        cwd=folder,
        env={**kept, **storage},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def runs(folder: Path) -> list[Path]:
    return sorted((folder / "runs").glob("reforecast-*"))


def test_a_reforecast_from_object_storage_that_is_killed_goes_on_with_its_run(tmp_path: Path) -> None:
    lists = {"path": "s3://bucket/lists"}
    budget_and_settings(tmp_path, reforecast={**lists, "threshold": "0.01"})
    for name, rows in (("2025-12-31", year_end_list()), ("2026-03-31", quarter_end_list(8))):
        write_list(rows, tmp_path / f"{name}.csv")
    with object_storage() as storage:
        for name in ("2025-12-31", "2026-03-31"):
            done = subprocess.run(
                [
                    *(str(Path(sys.executable).parent / "workforce"), "census", "submit", f"{name}.csv"),
                    *("--config", "settings.yaml"),
                ],
                cwd=tmp_path, env={**os.environ, **storage}, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
        process = start(tmp_path, storage)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None:
            if any((run / "results").exists() for run in runs(tmp_path)):  # the first year is published
                break
            time.sleep(0.05)
        process.kill()
        process.communicate()
        [killed] = runs(tmp_path)
        assert json.loads((killed / "run.json").read_text())["status"] != "complete"

        done = start(tmp_path, storage)
        out, err = done.communicate()
        assert done.returncode == 0, err
        assert "Against the budget" in out and "figures differ by more than 1 % of the budget" in out
        assert runs(tmp_path) == [killed] and (killed / "reforecast.json").exists()

        again = start(tmp_path, storage)
        out, err = again.communicate()
        assert again.returncode == 0, err
        assert out.startswith("2026-03-31.csv was reforecast and compared with this budget before")
    raised = [one.alert for one in store_of(tmp_path / "runs").recent() if one.alert.rule == "budget_moved"]
    assert len(raised) == 1 and raised[0].facts["Reforecast"] == killed.name
    check_that_effects_add_up(RunDirectory(killed), RunDirectory(tmp_path / "budget" / "run"))


def check_that_effects_add_up(run: RunDirectory, budget: RunDirectory) -> None:
    plan = Planned(RunRequest(), run, "", "", "", True, False)
    record = ReforecastRecord.find(run)
    assert record is not None
    found = compare(plan, NamedBudget(budget, None), record.threshold)
    assert [year.label for year in found.years] == ["2026 (full)", "2027"]
    for number, year in enumerate(found.years):
        for figure in year.figures[1:]:
            assert sum(figure.effects.values()) == figure.difference
            assert (ELAPSED in figure.effects) == (number == 0)
