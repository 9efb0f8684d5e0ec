"""The commands of docs/operations.md for a new server: deploy, worker, run."""

import json
import time
from pathlib import Path

import pytest

from tasks.system.project import ROOT
from tests.deployments.conftest import Server

pytestmark = pytest.mark.slow


def test_a_deployed_run_completes(server: Server, tmp_path: Path) -> None:
    census = tmp_path / "census.csv"
    assert (
        server.run("workforce", "census", "sample", "--employees", "200", "--output", str(census)).returncode
        == 0
    )
    deployed = server.run("workforce", "deploy")
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for command in (
        "workforce deploy",
        "prefect worker start --pool workforce",
        "prefect deployment run multi-year/default",
    ):
        assert f"\n{command}" in page
    worker = server.start("prefect", "worker", "start", "--pool", "workforce")
    try:
        begun = time.monotonic()
        run = server.run(
            *("prefect", "deployment", "run", "multi-year/default", "--watch"),
            *("--param", f"census={census}", "--param", f"output={tmp_path / 'runs'}"),
            *("--param", "years=2025-2026", "--param", "run_id=first"),
        )
        print(f"{time.monotonic() - begun:.0f} s from the order to the end")
        assert run.returncode == 0, run.stdout + run.stderr
    finally:
        worker.terminate()
        worker.wait(timeout=30)
        server.run("workforce", "deploy", "--destroy")
    record = json.loads((tmp_path / "runs" / "first" / "run.json").read_text())
    assert record["status"] == "complete"
    assert record["settings"]["alerts"]["watch"] == "server"
    assert not (tmp_path / "runs" / ".alerts.sqlite").exists()
