"""`workforce alerts …` with real receivers and without a server."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from flows.cli.alerts import newest
from flows.cli.main import app
from flows.cli.run import WRONG_INPUT
from settings import InputError
from tasks.alerts import Alert, AlertDesk
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
