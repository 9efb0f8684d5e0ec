"""The main job as a user runs it: the command line, the flows on a real Prefect server, the run directory."""

import json
from datetime import datetime
from pathlib import Path

import duckdb
import httpx
import polars as pl
import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from settings import InputError
from tasks.runs.directory import find_run_directory, new_run_directory
from tasks.runs.request import RunRequest, accept
from tasks.runs.resume import find_finished
from tasks.system.project import ROOT
from tasks.warehouse.published import published
from tests.alerts.receivers import http_receiver
from tests.flows.conftest import Command, PrefectServer
from tests.serving import served


@pytest.mark.slow
def test_a_run_leaves_complete_years_and_every_promised_file(
    workforce: Command, prefect_server: PrefectServer, small_census: Path, tmp_path: Path
) -> None:
    with http_receiver() as ops, served(small_census) as address:
        channels = f"alerts.channels=[{{name: ops, url: '{ops.url}'}}]"
        done = workforce(
            *("--census", f"http://anna:5ecret@{address}/census.csv?sig=5ecret"),
            *("--years", "2025-2026", "--run-id", "first"),
            *("--set", channels, "--set", "sla.run_seconds=1"),
        )
        alerts = ops.wait(1, seconds=30)

    assert done.returncode == 0, done.stderr
    assert alerts[0]["title"] == "[warning] The run takes longer than allowed: run first"
    assert "\nSetting: sla.run_seconds\nLimit: 1 s\n" in alerts[0]["message"]
    assert "5ecret" not in done.stdout + done.stderr + _parameters(prefect_server, "first")
    assert "2026" in done.stdout and "first" in done.stdout
    assert "prefect" not in done.stderr.lower()  # its chatter is not the user's
    assert "Opening date 2024-12-31, the day before simulation.start_year 2025 begins." in done.stderr
    assert "warning:" not in done.stderr  # the census is plausible
    directory = tmp_path / "runs" / "first"
    assert not any(b"5ecret" in file.read_bytes() for file in directory.rglob("*") if file.is_file())
    record = json.loads((directory / "run.json").read_text())
    assert record["census"]["file"] == "census.csv"
    assert record["settings"]["census"]["path"] == f"http://***@{address}/census.csv?sig=***"
    assert (record["run_id"], record["status"], record["years"]) == ("first", "complete", [2025, 2026])
    assert (tmp_path / "runs" / "latest").resolve() == directory
    assert json.loads((directory / "status.json").read_text())["complete_years"] == [2025, 2026]

    with duckdb.connect(directory / "simulation.duckdb", read_only=True) as connection:
        ledger = connection.sql(
            "select simulation_year, status, content_hash from year_ledger order by 1"
        ).fetchall()
        assert [row[:2] for row in ledger] == [(2025, "complete"), (2026, "complete")]
        assert all(len(row[2]) == 64 for row in ledger)
        statuses = connection.sql("select distinct status from mon_data_quality").fetchall()
        assert statuses == [("pass",)]
        seconds = connection.sql("select min(seconds), count(*) from mon_pipeline_performance").fetchone()
        assert seconds and seconds[0] >= 0 and seconds[1] > 40
        in_database = connection.sql("select * from fct_year_summary order by all").fetchall()
    with published(directory / "results") as connection:
        columns = (
            "scenario_id, replicate, simulation_year, * exclude (scenario_id, replicate, simulation_year)"
        )
        assert (
            connection.sql(f"select {columns} from fct_year_summary order by all").fetchall() == in_database
        )

    lines = (directory / "run.log").read_text().splitlines()
    assert all(datetime.fromisoformat(line.split()[0]).tzinfo for line in lines)
    steps = {line.split(" ", 2)[2] for line in lines if " INFO 202" in line}
    assert any(step.startswith("2026 dbt build: done in ") for step in steps)
    assert steps <= _logged(prefect_server, "first")

    assert _flow_runs(prefect_server, "multi-year", "first") == ["COMPLETED"]
    assert _flow_runs(prefect_server, "single-year", "first 2026") == ["COMPLETED"]


@pytest.mark.parametrize("flag", ["--resume", "--run-id"])
def test_an_empty_id_starts_no_run(flag: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["run", flag, "", "--output", str(tmp_path / "runs")])
    assert done.exit_code == 2
    assert f"{flag}: a run's id is expected" in done.stderr
    assert not (tmp_path / "runs").exists()


def test_a_census_without_a_name_is_not_the_bundled_sample(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["run", "--census", "", "--output", str(tmp_path / "runs")])
    assert done.exit_code == 2
    assert "--census: a value is expected, found nothing" in done.stderr
    assert not (tmp_path / "runs").exists()


def test_bad_input_starts_no_server_and_leaves_no_run(workforce: Command, tmp_path: Path) -> None:
    done = workforce("--set", "workforce.total_termination_rate=1.5", "--set", "simulation.sed=1")

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "total_termination_rate = 1.5" in done.stderr and "unknown key" in done.stderr
    assert not (tmp_path / "runs").exists()


def test_rejected_rows_are_shown_and_kept_out_of_any_run(workforce: Command, tmp_path: Path) -> None:
    census = tmp_path / "census.csv"
    census.write_text("employee_id,birth_date,hire_date,salary\n1,1990-01-01,2030-01-01,50000\n")

    done = workforce("--census", str(census), "--run-id", "refused")

    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert [file.name for file in (tmp_path / "runs").iterdir()] == ["rejected"]
    file = tmp_path / "runs" / "rejected" / "refused.csv"
    assert "2,hire_date,2030-01-01" in file.read_text()
    findings, separator, named = done.stderr.partition("The bad rows, with reasons: ")
    assert separator and "row 2, hire_date: '2030-01-01' is after the opening date" in findings
    assert named.strip() == str(file)


@pytest.mark.parametrize(
    "run_id", ["../escape", "a/b", "latest", "rejected", ".hidden", "a\0b", "x" * 101, "a\n"]
)
def test_a_run_id_cannot_lead_elsewhere(tmp_path: Path, run_id: str) -> None:
    with pytest.raises(InputError, match="allowed are letters"):
        new_run_directory(tmp_path, run_id)
    with pytest.raises(InputError, match="there is no run"):
        find_run_directory(tmp_path, run_id)


@pytest.mark.slow
def test_the_same_input_finds_the_finished_run_with_its_currency_and_findings(
    workforce: Command, small_census: Path, tmp_path: Path
) -> None:
    census = pl.read_csv(small_census, infer_schema=False)
    hourly = pl.int_range(pl.len()) < 10
    pay = pl.when(hourly).then(pl.lit("$ 27.16")).otherwise("salary")
    census.with_columns(salary=pay, termination_date=None).write_csv(tmp_path / "census.csv")
    people = census.height
    flags = ("--census", str(tmp_path / "census.csv"), "--years", "2025-2025")
    done = workforce(*flags)
    assert done.returncode == 0
    low = (
        f"10 of {people} salaries lie below half of the lowest level's minimum ($56,000), lowest $27.16 in "
        "row 2: hourly, monthly or in thousands?"
    )
    assert f"Census census.csv: {people} employees, annual payroll $" in done.stderr
    assert f"warning: census_low_pay (3 %): {low}\n    what to do: " in done.stderr

    again = workforce(*flags, "--json")
    assert again.returncode == 0
    assert [row["simulation_year"] for row in json.loads(again.stdout)] == [2025], "nothing but JSON"
    assert "A finished run of this input exists" in again.stderr and low in again.stderr
    assert "Its report" not in again.stderr
    named = workforce(*flags, "--set", "company.name=Example", "--set", "goals=[{goal: headcount>=1}]")
    assert "Its report has other settings of company and goals; --force makes one" in named.stderr
    (directory,) = [
        record.parent for record in (tmp_path / "runs").glob("*/run.json") if not record.parent.is_symlink()
    ]
    record = json.loads((directory / "run.json").read_text())["census"]
    assert (record["currency"], record["opening_date"]) == ("$", "2024-12-31")
    assert record["inferred"]["Currency"] == f"$ on 10 of {people} salaries and taken for all"
    with duckdb.connect(directory / "simulation.duckdb", read_only=True) as connection:
        odd = connection.sql(
            "select check_name, simulation_year, status, severity, observed, details from mon_data_quality "
            "where status <> 'pass'"
        ).fetchall()
    assert odd == [("census_low_pay", 2024, "warn", "warn", f"10 of {people} violate it", low)]
    # the same numbers in another currency are another run
    for currency, is_found in (("$", True), ("USD", False)):
        asked = RunRequest(
            census=tmp_path / "census.csv", years="2025-2025", sets=(f"census.currency={currency}",)
        )
        accepted = accept(asked)
        assert bool(find_finished(tmp_path / "runs", accepted)) == is_found


def _flow_runs(server: PrefectServer, flow: str, name: str) -> list[str]:
    found = httpx.post(
        f"{server.api_url}/flow_runs/filter",
        json={"flows": {"name": {"any_": [flow]}}, "flow_runs": {"name": {"any_": [name]}}},
    )
    return [flow_run["state_type"] for flow_run in found.raise_for_status().json()]


def _logged(server: PrefectServer, name: str) -> set[str]:
    """The lines in Prefect's logs of a flow run."""
    asked = {"flow_runs": {"name": {"any_": [name]}}}
    [flow_run] = httpx.post(f"{server.api_url}/flow_runs/filter", json=asked).raise_for_status().json()
    wanted = {"logs": {"flow_run_id": {"any_": [flow_run["id"]]}}}
    return {log["message"] for log in httpx.post(f"{server.api_url}/logs/filter", json=wanted).json()}


def _parameters(server: PrefectServer, name: str) -> str:
    """What Prefect keeps of the parameters of a flow run and its parts."""
    found = httpx.post(
        f"{server.api_url}/flow_runs/filter", json={"flow_runs": {"name": {"any_": [name, f"{name} 2026"]}}}
    )
    assert len(found.raise_for_status().json()) == 2
    return found.text


def test_readme_commands_are_one_line_each() -> None:
    blocks = (ROOT / "README.md").read_text(encoding="utf-8").split("```bash\n")[1:3]
    assert [len(block.split("```")[0].strip().splitlines()) for block in blocks] == [1, 1]
