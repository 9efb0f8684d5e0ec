"""Known actions as part of a run's input: recorded, verified, resumed, sent to shards, kept secret."""

import json
import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from flows.cli.main import app
from settings import InputError, load_settings, secrets_apart
from tasks.ensembles.storage import Storage
from tasks.plan.errors import ActionsError
from tasks.runs.directory import RunDirectory
from tasks.runs.earlier_runs import comparable
from tasks.runs.record import read_record
from tasks.runs.request import RunRequest, accept, one_reading
from tasks.runs.resume import RunDamaged, recorded_plans, recorded_settings
from tasks.server.secret_parameters import refuse_secret_parameters
from tasks.simulation.opening import create_run
from tasks.warehouse.inputs import write_inputs
from tests.plan.conftest import CENSUS, lines

NEW = {"action": "hire", "employee_id": ""}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads_here: None) -> Path:
    """The working folder, with a census and files of actions."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text(CENSUS)
    for name, rows in {
        "one.csv": [{}, NEW],
        "two.csv": [{}],
        "bad.csv": [{"action": "leaf"}, {"salary": "1"}],
    }.items():
        (tmp_path / name).write_text("\n".join(lines(*rows)) + "\n")
    return tmp_path


def begun(run_id: str, **request: Any) -> RunDirectory:
    """A run that was created and has simulated nothing yet."""
    directory = RunDirectory(Path("runs") / run_id)
    create_run(directory, accept(RunRequest(census="people.csv", **request)))
    return directory


def test_the_actions_are_kept_in_the_run_and_decide_which_runs_are_the_same(folder: Path) -> None:
    none, one, two = begun("none"), begun("one", actions="one.csv"), begun("two", actions="two.csv")
    pl.read_csv("one.csv", infer_schema=False).write_parquet("same.parquet")
    same = begun("same", actions="same.parquet")
    assert not none.actions.exists() and read_record(none).plan.files == {}
    assert pl.read_parquet(one.actions)["action"].to_list() == ["leave", "hire"]
    (file,) = read_record(one).plan.files.values()
    assert (file.file, file.rows, file.applied) == ("one.csv", 2, 2)
    inputs = {directory.run_id: read_record(directory).inputs for directory in (none, one, two, same)}
    assert inputs["one"] == inputs["same"]
    assert len({inputs["none"].actions, inputs["one"].actions, inputs["two"].actions}) == 3
    assert len({each.settings for each in inputs.values()}) == 1
    assert comparable(read_record(one)) == comparable(read_record(same)) != comparable(read_record(two))


def test_a_file_without_actions_is_the_same_input_as_none(folder: Path) -> None:
    Path("empty.csv").write_text(lines()[0] + "\n")
    empty = begun("empty", actions="empty.csv")
    assert read_record(empty).inputs == read_record(begun("none")).inputs
    assert recorded_plans(empty).by_scenario == {}


def test_resuming_takes_the_actions_of_the_run_and_refuses_others(folder: Path) -> None:
    one, none = begun("one", actions="one.csv"), begun("none")
    Path("copy.csv").write_bytes(Path("one.csv").read_bytes())
    Path("one.csv").unlink()
    recorded_settings(one, RunRequest())
    recorded_settings(one, RunRequest(actions="copy.csv"))
    assert recorded_plans(one).by_scenario["baseline"]["action"].to_list() == ["leave", "hire"]
    with pytest.raises(InputError, match=r"--actions two.csv \(scenario baseline\): the run began with one"):
        recorded_settings(one, RunRequest(actions="two.csv"))
    with pytest.raises(InputError, match="--actions none"):
        recorded_settings(one, RunRequest(sets=("plan.actions=null",)))
    with pytest.raises(InputError, match="the run began without actions"):
        recorded_settings(none, RunRequest(actions="two.csv"))


HARM: dict[str, Callable[[Path], object]] = {
    "cut": lambda file: os.truncate(file, file.stat().st_size // 2),
    "gone": lambda file: file.unlink(),
    "changed": lambda file: pl.read_parquet(file).head(1).write_parquet(file),
}


@pytest.mark.parametrize("harm", HARM)
def test_actions_that_were_changed_are_reported(folder: Path, harm: str) -> None:
    one = begun("one", actions="one.csv")
    HARM[harm](one.actions)
    with pytest.raises(RunDamaged, match=r"actions\.parquet (cannot be read|does not hold the actions)"):
        recorded_plans(one)


@pytest.mark.parametrize("actions", ["one.csv", None])
def test_workers_of_shards_get_the_actions(folder: Path, actions: str | None) -> None:
    run = begun("run", actions=actions)
    store, worker = Storage(f"file://{folder}/store", "run"), RunDirectory(folder / "elsewhere" / "run")
    store.put_input(run)
    store.get_input(worker)
    assert recorded_plans(worker).sha256 == recorded_plans(run).sha256
    assert worker.actions.exists() == (actions is not None)


def test_a_path_in_a_scenario_starts_at_its_file_and_wins_over_the_flag(folder: Path) -> None:
    (folder / "deep").mkdir()
    (folder / "deep/two.csv").write_text("\n".join(lines({}, {"employee_id": "b"})))
    (folder / "deep/s.yaml").write_text("id: s\noverrides: {plan: {actions: two.csv}}\n")
    (folder / "t.yaml").write_text("id: t\n")
    (folder / "plan.yaml").write_text("plan: {actions: one.csv}\n")
    scenarios = (Path("deep/s.yaml"), Path("t.yaml"))
    plans = accept(RunRequest(Path("plan.yaml"), "people.csv", scenarios)).plans
    assert {name: file.name for name, file in plans.files.items()} == {"s": "two.csv", "t": "one.csv"}
    assert plans.by_scenario["s"]["employee_id"].to_list() == ["0017", "b"]


def test_files_are_read_once_by_a_command_unless_they_change(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tasks.plan import read as reading

    calls: list[object] = []
    real = reading.read_actions
    monkeypatch.setattr(reading, "read_actions", lambda *given: calls.append(given) or real(*given))  # type: ignore[func-returns-value]
    request = RunRequest(census="people.csv", actions="one.csv")
    with one_reading():
        assert accept(request).plans is accept(request).plans
        Path("one.csv").write_text(Path("two.csv").read_text())
        assert accept(request).plans.by_scenario["baseline"].height == 1
    assert len(calls) == 2


def test_secrets_of_an_address_are_in_no_parameter(folder: Path) -> None:
    address = "https://anna:5ecret@example.invalid/a.csv"
    for given in ({"actions": address}, {"sets": (f"plan.actions={address}",)}):
        with pytest.raises(InputError, match=r"^actions: .*WORKFORCE__PLAN__ACTIONS") as refused:
            refuse_secret_parameters(RunRequest(**given))  # type: ignore[arg-type]
        assert "5ecret" not in str(refused.value)
    assert secrets_apart([f"plan.actions={address}"]) == ([], {"WORKFORCE__PLAN__ACTIONS": address})


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, list(map(str, arguments)), env={"COLUMNS": "200"})


def test_a_run_with_bad_actions_is_refused_and_the_rows_are_kept(folder: Path) -> None:
    done = call("run", "--census", "people.csv", "--actions", "bad.csv", "--output", "runs", "--run-id", "r")
    assert done.exit_code == 2, done.output
    assert "bad.csv: 2 of 2 actions are bad; all must be correct." in done.stderr
    assert "did you mean leave?" in done.stderr
    assert [file.name for file in Path("runs/rejected").iterdir()] == ["r-actions.csv"]
    assert pl.read_csv("runs/rejected/r-actions.csv")["column"].to_list() == ["action", "salary"]
    assert not Path("runs/r").exists()


def test_the_check_prints_counts_and_warnings(folder: Path) -> None:
    done = call("actions", "check", "one.csv", "--census", "people.csv")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1] == "No warnings"
    assert ["hire", "1", "1"] in [row.split() for row in done.stdout.splitlines()]
    Path("odd.csv").write_text("\n".join(lines({"employee_id": "nobody"})))
    odd = call("actions", "check", "odd.csv", "--census", "people.csv")
    assert odd.exit_code == 0 and "warning: 1 action of employees who are not in the census" in odd.stdout


def test_the_check_refuses_bad_rows_with_status_2(folder: Path) -> None:
    done = call("actions", "check", "bad.csv", "--census", "people.csv", "--rejects", "r.csv")
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (2, "The bad rows, with reasons: r.csv")
    assert pl.read_csv("r.csv").height == 2


def test_the_check_knows_the_scenarios_that_it_is_given(folder: Path) -> None:
    Path("s.yaml").write_text("id: s\n")
    Path("of_s.csv").write_text("\n".join(lines({"scenario": "s"})))
    assert call("actions", "check", "of_s.csv", "--census", "people.csv").exit_code == 2
    assert (
        call("actions", "check", "of_s.csv", "--census", "people.csv", "--scenario", "s.yaml").exit_code == 0
    )


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"\x89PNG\r\n\x1a\n\0\0", "a.csv"),
        ("a.csv", b"action_id,action,date\n1,leave\n", "the row has 2 fields, the header 3"),
        ("a.csv", "action_id,action,date\n1,löve,2026-01-01\n".encode("cp1252"), "not utf-8"),
        ("a.csv", b'action_id,action,date\n"1,leave,2026-01-01\n', "is not CSV"),
        ("a.xlsx", b"PK\x03\x04damaged", "not readable as Excel"),
        ("a.parquet", b"PAR1", "not readable"),
        ("a.pdf", b"%PDF-1.7", "a.pdf"),
        ("a.csv", None, "a.csv"),
    ],
)  # fmt: skip
def test_hostile_files_give_a_message_and_no_traceback(
    folder: Path, name: str, content: bytes | None, says: str
) -> None:
    Path(name).mkdir() if content is None else Path(name).write_bytes(content)
    with pytest.raises(ActionsError) as refused:
        accept(RunRequest(census="people.csv", actions=name))
    assert says in str(refused.value) and "Traceback" not in str(refused.value)


def test_a_child_process_reads_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("people.csv").write_text(CENSUS)
    Path("one.csv").write_text("\n".join(lines({})))
    assert accept(RunRequest(census="people.csv", actions="one.csv")).plans.table.height == 1
    with pytest.raises(ActionsError, match=r"does not exist|no such file|not found"):
        accept(RunRequest(census="people.csv", actions="none.csv"))


def test_settings_show_the_file_and_the_record_masks_its_address(folder: Path) -> None:
    shown = load_settings(flags={"--actions": "one.csv"}, environ={})
    assert shown.provenance["plan.actions"].source == "--actions"
    assert json.loads(begun("one", actions="one.csv").record.read_text())["settings"]["plan"] == {
        "actions": "one.csv",
        "allow_new_values": False,
    }


def test_the_tables_of_a_run_have_the_actions_of_each_scenario(folder: Path) -> None:
    Path("t.csv").write_text(
        "\n".join(lines({"action": "transfer", "department": "Engineering", "probability": "50%"}, NEW))
    )
    Path("s.yaml").write_text("id: s\noverrides: {plan: {actions: null}}\n")
    Path("r.yaml").write_text("id: r\n")
    accepted = accept(
        RunRequest(census="people.csv", scenarios=(Path("s.yaml"), Path("r.yaml")), actions="t.csv")
    )
    with duckdb.connect() as connection:
        plans = accepted.plans.by_scenario
        write_inputs(connection, accepted.settings.scenarios, range(1, 2), accepted.census, plans)
        rows = connection.sql(
            "select scenario_id, action_id, action, employee_id, people, probability, move_id is not null "
            "from inputs.actions order by action_id"
        ).fetchall()
    assert rows == [
        ("r", "a0", "transfer", "0017", 1, Decimal("0.5"), True),
        ("r", "a1", "hire", None, 1, Decimal(1), False),
    ]
