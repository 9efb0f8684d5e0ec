"""The alert that the newest list lies outside the forecast: sent once per list, and resolved by the next."""

import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from settings import Settings, load_settings
from tasks.alerts import AlertDesk, notify, store_of
from tasks.alerts.comparisons import FORECASTS
from tasks.alerts.message import digest_of, message_of
from tasks.evidence.backtest.newest import Case, Newest
from tasks.evidence.forecast_alert import forecast_alert, history_name, report_forecast
from tests.alerts.receivers import Received, http_receiver, mail_server
from tests.alerts.test_alerts import channel

pytestmark = pytest.mark.slow

LINK = "file:///runs/backtest.html"
TITLE = "What happened lies outside the last forecast: history "


def newest(exits: float, year: int = 2019) -> Newest:
    cases = (
        Case("exits", None, None, exits, 33, 42, 52),
        Case("headcount", None, None, 1_010, 980, 1_000, 1_020),
        Case("exits", "department", "Sales", exits / 2, 10, 15, 20),
        Case("exits", "department", "IT", 12, 10, 15, 20),
    )
    return Newest(date(year - 1, 12, 31), date(year, 12, 31), cases)


def settings_of(folder: Path, *received: Received) -> Settings:
    """Settings whose equal alerts are counted only for a moment: a rule with `once` does not depend on it."""
    channels = ", ".join(channel(f"c{number}", one.url) for number, one in enumerate(received))
    sets = [f"alerts.channels=[{channels}]", "alerts.window_seconds=1", f"history.path={folder / 'lists'}"]
    return load_settings(sets=sets, environ={}).base


def report(found: Newest, settings: Settings, output: Path) -> bool:
    """Report as a backtest does, and wait until the messages are delivered."""
    is_new = report_forecast(found, settings, output, LINK)
    with AlertDesk(output, settings.alerts, everything=True) as desk:
        if desk.store.exists:
            desk.deliver()
            assert desk.close(wait_seconds=30)
    return is_new


def test_a_missed_forecast_is_sent_with_its_figures(tmp_path: Path) -> None:
    with http_receiver() as ops, mail_server() as mail:
        assert report(newest(61), settings_of(tmp_path, ops, mail), tmp_path / "runs")
        [sent], [letter] = ops.wait(1), mail.wait(1)
    assert sent["title"] == f"[warning] {TITLE}{tmp_path / 'lists'}"
    for part in (
        f"\nHistory: {tmp_path / 'lists'}\n",
        "\nWindow: 2018-12-31 to 2019-12-31\n",
        "\nExits: 61; forecast 42, 90 % band 33 to 52\n",
        "\nParts of the company outside: 1 of 2 figures; 0.2 are expected by chance\n",
        "\nExits of department Sales: 30; forecast 15, 90 % band 10 to 20\n",
        "\nRule: forecast_missed\n",
        f"\nOpen: {LINK}\n",
    ):
        assert part in sent["message"]
    assert "Headcount" not in sent["message"] and "resume" not in sent["message"]
    assert letter["Subject"] == sent["title"]


def test_nothing_is_raised_while_the_newest_list_lies_within_the_forecast(tmp_path: Path) -> None:
    with http_receiver() as ops:
        for year in (2018, 2019):
            assert not report(newest(52, year), settings_of(tmp_path, ops), tmp_path / "runs")
        assert ops.messages == []
    assert not store_of(tmp_path / "runs").exists


def test_one_alert_per_list_until_a_list_lies_within_the_forecast(tmp_path: Path) -> None:
    with http_receiver() as ops:
        settings, output = settings_of(tmp_path, ops), tmp_path / "runs"
        assert report(newest(61, 2018), settings, output)
        for _ in range(2):
            time.sleep(1.1)  # longer than window_seconds
            assert not report(newest(61, 2018), settings, output)
        assert report(newest(20, 2019), settings, output), "a new list"
        other = settings.model_copy(
            update={"history": settings.history.model_copy(update={"path": tmp_path / "other"})}
        )
        assert report(newest(61, 2019), other, output), "another history"
        assert len(ops.messages) == 3
        assert not report(newest(42, 2020), settings, output)
        resolved = [one["title"] for one in ops.messages[3:]]
        assert report(newest(99, 2020), settings, output), "after it was resolved"
    assert resolved == [f"[resolved] {TITLE}{tmp_path / 'lists'}"] * 2
    states = [(one.alert.attempt, one.count, bool(one.resolved_at)) for one in store_of(output).recent()]
    assert states == [
        ("2020-12-31", 1, False),
        ("2019-12-31", 1, False),
        ("2019-12-31", 1, True),
        ("2018-12-31", 1, True),
    ]


def test_a_digest_counts_histories() -> None:
    alerts = [FORECASTS.alert(name, "2019-12-31", {}, LINK) for name in ("a", "a", "b")]
    assert digest_of([(one, 1) for one in alerts]).subject == "[warning] 3 alerts of 2 histories"


def test_a_server_raises_and_resolves_the_same_alert(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The backtest sends the complete alert; nothing about it is read from the server."""
    emitted: list[str] = []
    monkeypatch.setattr(notify, "emit_raised", lambda alert: emitted.append(alert.id))
    monkeypatch.setattr("tasks.alerts.trouble.emit_resolved", lambda alert: emitted.append(f"-{alert.id}"))
    with http_receiver() as ops:
        settings = settings_of(tmp_path, ops)
        monkeypatch.setattr(notify, "deployed_alerts", lambda _: settings.alerts)
        monkeypatch.setattr(notify, "_recent", {})
        monkeypatch.setattr(notify, "_desks", {})
        client: Any = SimpleNamespace()
        alert = forecast_alert(newest(61), settings, LINK)
        assert alert is not None
        source, payload = FORECASTS.resource_of(history_name(settings)), {"alert": alert.to_json()}

        def act(rule: str, level: int = 1, subject: str = source) -> str | None:
            given = payload if rule == "forecast_missed" else {}
            return notify.handle(client, rule, subject, given, level, tmp_path / "runs")

        assert act("forecast_missed") == alert.id
        again = replace(alert, id="another")
        payload = {"alert": again.to_json()}
        assert act("forecast_missed") is None
        assert act("escalation", 2, f"workforce.alert.{alert.id}") == alert.id, "it is not over by itself"
        assert act("resolved") == alert.id
        assert act("resolved") is None
        assert ops.wait(1)
    assert emitted == [alert.id, f"-{alert.id}"]
    assert f"\nHistory: {tmp_path / 'lists'}\n" in message_of(alert).text
