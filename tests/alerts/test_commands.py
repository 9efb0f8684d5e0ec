"""`workforce alerts …` with real receivers and without a server."""

import gc
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from flows.cli.alerts import newest
from flows.cli.main import _expected, app
from flows.cli.run import WRONG_INPUT
from settings import InputError
from tasks.alerts import Alert, AlertDesk, store_of
from tasks.alerts.message import message_of
from tasks.alerts.store_file import StoreTrouble
from tasks.system.project import ROOT
from tests.alerts.receivers import free_port, http_receiver, mail_server
from tests.alerts.test_alerts import breach, channel, settings_of


def workforce(*words: str, status: int = 0) -> str:
    """Return the output of a command; for invalid input (status 2), its error message."""
    done = CliRunner().invoke(app, ["alerts", *words], env={"COLUMNS": "200"})
    if isinstance(done.exception, InputError):
        assert status == WRONG_INPUT, done.exception
        return str(done.exception)
    assert done.exit_code == status, done.output
    return done.output


def test_a_sample_goes_to_every_channel_and_each_is_named(tmp_path: Path) -> None:
    config = tmp_path / "ops.yaml"
    gone = f"json://user:pa55word@127.0.0.1:{free_port()}/hook-5ecret"
    with http_receiver() as ops, mail_server() as mail:
        channels = (channel("ops", ops.url), channel("mail", mail.url), channel("gone", gone))
        config.write_text("alerts:\n  channels:\n" + "".join(f"    - {one}\n" for one in channels))
        said = workforce("test", "--config", str(config), status=1)
        assert re.findall(r"(?m)^(\w+): (sent|NOT sent)", said) == [
            ("ops", "sent"),
            ("mail", "sent"),
            ("gone", "NOT sent"),
        ]
        assert not re.search("pa55word|5ecret", said)
        assert ops.messages[0]["title"].startswith("[warning] A sample alert: nothing is wrong")
        assert mail.messages[0]["Subject"].startswith("[warning] A sample alert")
        config.write_text("alerts:\n  channels:\n" + "".join(f"    - {one}\n" for one in channels[:2]))
        assert "NOT" not in workforce("test", "--config", str(config))


def test_alerts_test_without_channels_says_how_to_configure_one() -> None:
    assert "add one as {name, url}" in workforce("test", status=WRONG_INPUT)


@pytest.mark.parametrize("columns", [80, 120])
def test_an_id_can_be_copied_from_the_list(tmp_path: Path, columns: int) -> None:
    """Ids of alerts and runs whole, with a run's name as the clock gives it, and a longer one."""
    alerts = [
        breach("20261124-143052-8c68", 2026),
        Alert("check_warned", "budget-2027-second-round-with-the-new-levels", 2027),
    ]
    with AlertDesk(tmp_path, settings_of()) as desk:
        for alert in (*alerts, *alerts):
            desk.raise_alert(alert)
    out = Console(width=columns, file=io.StringIO())
    out.print(newest(tmp_path, 20))
    lines = out.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert all(len(line) <= columns for line in lines)
    assert "…" not in "".join(lines)
    for alert in alerts:
        assert any(line.startswith(f"  {alert.id} ") for line in lines), lines
    assert any(alerts[0].run_id in line for line in lines), lines


def test_alerts_are_listed_acknowledged_and_sent_again(tmp_path: Path) -> None:
    where = ("--output", str(tmp_path))
    assert "ID" in workforce("list", *where)
    gone = f"json://127.0.0.1:{free_port()}/hook-5ecret"
    with AlertDesk(tmp_path, settings_of(channel("ops", gone), retries=0)) as desk:
        known, other = breach("run-1", 2026), Alert("run_failed", "run-2")
        for alert in (known, other):
            desk.raise_alert(alert)
        assert desk.close(wait_seconds=30)
    listed = workforce("list", *where)
    assert all(alert.id in listed for alert in (known, other)) and "2026" in listed
    assert other.id not in workforce("list", "--limit", "1", *where) or known.id not in listed.split("\n")[1]

    assert "acknowledged by ann" in workforce("ack", known.id, "--by", "ann", *where)
    assert re.search(rf"{known.id}.* ann *\n", workforce("list", *where))
    with AlertDesk(tmp_path, settings_of()) as desk:
        desk.resolve(["run_failed"], "the run is complete", run_id="run-2")
    assert re.search(rf"{other.id}.* resolved *\n", workforce("list", *where))
    assert "there is no alert 'nonsense'" in workforce("ack", "nonsense", *where, status=WRONG_INPUT)

    undelivered = workforce("list", "--undelivered", *where)
    assert undelivered.count("ops") == 2 and "5ecret" not in undelivered
    again = ("resend", *where, "--set")
    assert "no channel is set" in workforce(*again, "alerts.channels=[]", status=WRONG_INPUT)
    renamed = f"alerts.channels=[{channel('renamed', gone)}]"
    assert "0 messages tried again, 2 still undelivered (ops)" in workforce(*again, renamed, status=1)
    still = f"alerts.channels=[{channel('ops', gone)}]"
    assert "2 messages tried again, 2 still undelivered (ops)" in workforce(*again, still, status=1)
    with http_receiver() as ops:
        assert "0 still undelivered" in workforce(*again, f"alerts.channels=[{channel('ops', ops.url)}]")
        assert [message["title"].split("]")[0] for message in ops.messages[2:]] == ["[resolved"]
    assert "ops" not in workforce("list", "--undelivered", *where)


@contextmanager
def locked(store: Path) -> Iterator[None]:
    """Hold the store's write lock, as a process that is stuck does."""
    connection = sqlite3.connect(store, isolation_level=None)
    connection.execute("begin exclusive")
    yield
    connection.close()


@contextmanager
def damaged(store: Path) -> Iterator[None]:
    """Overwrite everything after the file's header."""
    whole = store.read_bytes()
    store.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    yield


@contextmanager
def no_database(store: Path) -> Iterator[None]:
    """Replace the store by a text."""
    store.write_text("not a database " * 100)
    yield


@contextmanager
def no_file(store: Path) -> Iterator[None]:
    """Replace the store by a folder."""
    store.unlink()
    store.mkdir()
    yield


@pytest.mark.parametrize("trouble", [locked, damaged, no_database, no_file])
def test_a_store_that_sqlite_refuses_is_named_in_one_sentence(
    tmp_path: Path, trouble: Callable[[Path], AbstractContextManager[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By each command of `workforce alerts` that reads it; `workforce health` has it as a finding."""
    store_of(tmp_path).add(breach("run-1", 2026), 0.0)
    gc.collect()  # closes its connection
    store = tmp_path / ".alerts.sqlite"
    with sqlite3.connect(store) as connection:
        connection.execute("pragma journal_mode = delete")
    connection.close()
    where = ("--output", str(tmp_path))
    monkeypatch.setattr("tasks.alerts.store_file.LOCK_SECONDS", 0.1)
    with trouble(store):
        for words in (("list",), ("list", "--undelivered"), ("ack", "0123abcd")):
            done = CliRunner().invoke(app, ["alerts", *words, *where])
            assert isinstance(done.exception, StoreTrouble), (words, done.output)
            assert str(store) in str(done.exception)
            assert _expected(done.exception) == str(done.exception)
        done = CliRunner().invoke(app, ["health", "--json", "--alert", *where])
        assert done.exit_code == 1, done.exception
        findings = {each["check"]: each for each in json.loads(done.output)["findings"]}
        assert str(store) in findings["alerts"]["observed"]


def test_commands_on_a_store_of_a_full_disk_end_without_a_traceback(tmp_path: Path) -> None:
    """The store has 0 bytes if it was created without room; a limit on the size of files stands for that."""
    (tmp_path / ".alerts.sqlite").touch()
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); import signal; "
    limited += "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); from flows.cli.start import workforce; "
    limited += "workforce()"
    for words, said in ((["alerts", "list"], "the alerts in "), (["health"], "")):
        done = subprocess.run(
            [sys.executable, "-c", limited, *words, "--output", str(tmp_path)],
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "200"},
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1, done.stderr
        assert "Traceback" not in done.stderr
        assert done.stderr.startswith(said)
        assert ".alerts.sqlite" in done.stdout + done.stderr


def test_an_alert_of_another_versions_rule_is_listed(tmp_path: Path) -> None:
    """A newer version may have a rule, and a field of an alert, that this one does not know."""
    with AlertDesk(tmp_path, settings_of()) as desk:
        desk.raise_alert(breach("run-1", 2026))
    with sqlite3.connect(tmp_path / ".alerts.sqlite") as connection:
        (document,) = connection.execute("select document from alerts").fetchone()
        newer = {**json.loads(document), "rule": "sea_level", "mood": "calm"}
        connection.execute("update alerts set document = ?", (json.dumps(newer),))
    connection.close()
    where = ("--output", str(tmp_path))
    assert "rule sea_level, which this version does not know" in " ".join(workforce("list", *where).split())
    assert "acknowledged by" in workforce("ack", newer["id"], *where)
    stored = AlertDesk(tmp_path, settings_of()).store.find(newer["id"])
    assert stored is not None
    assert "sea_level" in message_of(stored.alert).text
