"""The watch over a run: what it sends a server and in which order, and what it reports itself."""

import time
from contextlib import suppress
from pathlib import Path

import pytest
from prefect.exceptions import Pause, TerminationSignal

from settings import ResolvedSettings, load_settings
from tasks.alerts import AlertDesk
from tasks.alerts import watch as watching
from tasks.alerts.rules import HEARTBEAT, RUN_ENDED
from tasks.alerts.watch import Watch
from tasks.runs.directory import RunDirectory
from tests.alerts.receivers import http_receiver
from tests.alerts.test_alerts import channel
from tests.records import write_record

ENDINGS = (None, ValueError("no luck"), KeyboardInterrupt(), TerminationSignal(15), Pause())


@pytest.mark.parametrize("error", ENDINGS, ids=lambda error: type(error).__name__)
def test_the_end_is_the_last_event_sent_to_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException | None
) -> None:
    """A heartbeat after the end would make the run look dead later."""
    events: list[str] = []
    monkeypatch.setattr(watching, "emit_event", lambda event, **_: events.append(event))
    sets = ["alerts.watch=server", "sla.heartbeat_seconds=0.03"]
    play(tmp_path, load_settings(sets=sets, environ={}), error)
    time.sleep(0.05)
    assert events.count(HEARTBEAT) > 3
    assert events.index(RUN_ENDED) == len(events) - 1


def test_a_run_that_fails_and_one_that_goes_on_to_its_end_are_reported(tmp_path: Path) -> None:
    write_record(tmp_path / "run", status="failed")
    with http_receiver() as ops:
        settings = load_settings(sets=[f"alerts.channels=[{channel('ops', ops.url)}]"], environ={})
        play(tmp_path, settings, ValueError("no luck"))
        play(tmp_path, settings, Pause())
        assert ops.wait(1)
        write_record(tmp_path / "run", status="complete")
        play(tmp_path, settings, None)
        failed, over = ops.wait(2)
        with AlertDesk(tmp_path, settings.base.alerts) as desk:  # nothing is left to escalate
            assert [stored.resolved_how for stored in desk.store.recent()] == ["the run is complete"]
    assert failed["title"] == "[critical] The run failed: run run"
    assert "\nComplete years: none of 2025 to 2029\n" in failed["message"]
    assert f"\n  workforce run --resume run --output {tmp_path}\n" in failed["message"]
    assert over["title"] == "[resolved] The run failed: run run"


def play(output: Path, settings: ResolvedSettings, error: BaseException | None) -> None:
    """Play a short run that ends with `error`, or completes."""
    with (
        suppress(*([type(error)] if error else [])),
        Watch(RunDirectory(output / "run"), settings) as watch,
    ):
        watch._flow_run_id = "of a deployed run"
        time.sleep(0.1)
        if error:
            raise error
