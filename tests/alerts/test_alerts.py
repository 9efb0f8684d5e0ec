"""Alerts: raised, counted, sent, retried, escalated, to real HTTP and SMTP servers on the loopback."""

import json
import re
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Cancelled, Completed, Failed, Running

from settings import load_settings
from settings.models.operations import AlertSettings, Channel
from tasks.alerts import RULES, Alert, AlertDesk, notify, store_of
from tasks.alerts.alert import duration_facts
from tasks.alerts.channels import due_time
from tasks.alerts.dead_runs import alert_of_dead_runs
from tasks.alerts.message import WORDS, digest_of, message_of
from tasks.alerts.rules import solved_by
from tasks.alerts.run_facts import RunFacts
from tasks.alerts.watch import Watch
from tasks.runs.directory import RunDirectory
from tasks.system.queries import read_query
from tests.alerts.receivers import black_hole, free_port, http_receiver, mail_server


def settings_of(*channels: str, **others: object) -> AlertSettings:
    listed = ", ".join(channels)
    sets = [f"alerts.channels=[{listed}]", "alerts.retry_seconds=1"]
    return load_settings(
        sets=[*sets, *(f"alerts.{k}={v}" for k, v in others.items())], environ={}
    ).base.alerts


def channel(name: str, url: str, **others: object) -> str:
    more = "".join(f", {key}: {value}" for key, value in others.items())
    return f"{{name: {name}, url: '{url}'{more}}}"


def breach(run_id: str = "run-1", year: int | None = None) -> Alert:
    return Alert("run_duration", run_id, year, facts=duration_facts("sla.run_seconds", 10, 10.2))


def test_an_alert_reaches_each_channel_that_accepts_it_in_full_and_in_time(tmp_path: Path) -> None:
    with http_receiver() as ops, mail_server() as mail:
        settings = settings_of(channel("ops", ops.url), channel("mail", mail.url, min_severity="critical"))
        with AlertDesk(tmp_path, settings) as desk:
            begun = time.time()
            desk.raise_alert(breach())
            raised = time.time() - begun
            desk.raise_alert(Alert("run_failed", "run-1", facts={"Error": "RuntimeError: a_b <c>"}))
            assert desk.close(wait_seconds=20)
    assert raised < 1
    assert max(ops.moments) - begun < 10
    titles = {message["title"]: message for message in ops.messages}
    message = titles["[warning] The run takes longer than allowed: run run-1"]
    for part in ("Setting: sla.run_seconds\n", "Limit: 10 s\n", "Elapsed: 10.2 s\n", "Severity: warning\n"):
        assert part in message["message"]
    assert message["type"] == "warning"
    assert len(titles) == 2
    [letter] = mail.messages
    assert letter["Subject"] == "[critical] The run failed: run run-1"
    html = next(part for part in letter.walk() if part.get_content_type() == "text/html").get_payload(
        decode=True
    )
    assert b"<strong>The run failed</strong>" in html
    assert b"<c>" not in html


def test_equal_alerts_are_sent_once_with_a_count(tmp_path: Path) -> None:
    with http_receiver() as ops:
        with AlertDesk(tmp_path, settings_of(channel("ops", ops.url))) as desk:
            for _ in range(7):
                desk.raise_alert(breach())
            desk.raise_alert(breach("run-2"))
            assert desk.close(wait_seconds=20)
        assert sorted(message["title"] for message in ops.messages) == [
            "[warning] The run takes longer than allowed (7 times): run run-1",
            "[warning] The run takes longer than allowed: run run-2",
        ]
        assert [stored.count for stored in desk.store.recent()] == [1, 7]


def test_an_alert_that_recurs_after_it_was_reported_is_reported_once_more_at_the_end(tmp_path: Path) -> None:
    with http_receiver() as ops:
        with AlertDesk(tmp_path, settings_of(channel("ops", ops.url))) as desk:
            desk.raise_alert(breach())
            ops.wait(1)
            for _ in range(3):
                desk.raise_alert(breach())
            assert desk.close(wait_seconds=20)
        assert len(ops.messages) == 2
        assert "(4 times)" in ops.messages[1]["title"]


@pytest.mark.parametrize("count", [100, pytest.param(1000, marks=pytest.mark.slow)])
def test_a_storm_becomes_a_digest_and_nothing_is_lost(tmp_path: Path, count: int) -> None:
    with http_receiver() as ops, http_receiver() as critical:
        settings = settings_of(
            channel("ops", ops.url), channel("boss", critical.url, min_severity="critical")
        )
        with AlertDesk(tmp_path, settings) as desk:
            begun = time.time()
            for number in range(count):
                desk.raise_alert(Alert("check_warned", f"run-{number}"))
            raised = time.time() - begun
            assert desk.close(wait_seconds=60)
        counts = [stored.reported_count for stored in desk.store.recent(2 * count)]
        ids = {i for delivery in desk.store.deliveries() for i in delivery.message.alert_ids}
    assert counts == [1] * count
    assert len(ids) == count
    assert 1 <= len(ops.messages) <= 3 + settings.digest_after
    assert any(" alerts of " in message["title"] for message in ops.messages)
    assert critical.messages == []
    print(
        f"{count} raised in {raised:.1f} s, {len(ops.messages)} messages, {time.time() - begun:.1f} s in all"
    )


def test_a_critical_alert_is_not_held_back_by_a_storm_of_lesser_ones(tmp_path: Path) -> None:
    with http_receiver() as ops:
        with AlertDesk(tmp_path, settings_of(channel("ops", ops.url), digest_after=1)) as desk:
            for number in range(20):
                desk.raise_alert(Alert("check_warned", f"run-{number}"))
            ops.wait(1)
            held = Alert("check_warned", "one-more")
            desk.raise_alert(held)
            desk.raise_alert(Alert("run_failed", "other"))
            ops.wait(2)
            assert "[critical] The run failed: run other" in [message["title"] for message in ops.messages]
            assert held.id in {stored.alert.id for stored in desk.store.unreported(None)}
            assert desk.close(wait_seconds=20)
        assert desk.store.unreported(None) == []


def test_a_channel_that_fails_is_retried_while_others_are_served(tmp_path: Path) -> None:
    with http_receiver() as good, http_receiver() as flaky:
        flaky.refuse = 2
        settings = settings_of(channel("good", good.url), channel("flaky", flaky.url))
        with AlertDesk(tmp_path, settings) as desk:
            desk.raise_alert(breach())
            assert desk.close(wait_seconds=30)
    assert len(good.messages) == len(flaky.messages) == 1
    assert flaky.moments[0] - good.moments[0] > 2.5  # 1 s and 2 s


def test_an_undelivered_message_is_kept_without_secrets_and_can_be_sent_again(tmp_path: Path) -> None:
    gone = f"json://127.0.0.1:{free_port()}/hook-5ecret?token=t0psecret"
    with AlertDesk(tmp_path, settings_of(channel("ops", gone), retries=1)) as desk:
        desk.raise_alert(breach())
        assert desk.close(wait_seconds=30)
    [kept] = desk.store.undelivered()
    assert kept.attempts == 2
    assert kept.error
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        assert b"5ecret" not in content, file
        assert b"t0psecret" not in content, file
    with http_receiver() as ops:
        assert desk.store.resend(["ops"]) == 1
        with AlertDesk(tmp_path, settings_of(channel("ops", ops.url)), everything=True) as second:
            second.deliver()
            assert second.close(wait_seconds=20)
        assert len(ops.messages) == 1
    assert desk.store.undelivered() == []


@pytest.mark.slow
def test_a_server_that_never_answers_does_not_delay_the_raiser(tmp_path: Path) -> None:
    with black_hole() as url, http_receiver() as ops:
        settings = settings_of(channel("hole", url), channel("ops", ops.url), retries=0)
        begun = time.monotonic()
        with AlertDesk(tmp_path, settings) as desk:
            desk.raise_alert(breach())
        assert time.monotonic() - begun < 2
        assert ops.wait(1)
        assert desk.close(wait_seconds=30)
        assert [delivery.channel for delivery in desk.store.undelivered()] == ["hole"]


@pytest.mark.slow
def test_an_unacknowledged_alert_is_escalated_level_by_level(tmp_path: Path) -> None:
    with http_receiver() as first, http_receiver() as second, http_receiver() as third:
        settings = settings_of(
            channel("one", first.url),
            channel("two", second.url, level=2),
            channel("three", third.url, level=3),
            escalate_seconds=2,
        )
        with AlertDesk(tmp_path, settings) as desk:
            acknowledged, ignored = breach("acknowledged"), breach("ignored")
            for alert in (acknowledged, ignored):
                desk.raise_alert(alert)
            assert desk.store.acknowledge(acknowledged.id, "ann")
            first.wait(2, seconds=30)
            assert desk.close(wait_seconds=30)  # the raiser has ended: escalation continues
    assert len(first.messages) == 2
    for level, receiver in ((2, second), (3, third)):
        [message] = receiver.messages
        assert message["title"].startswith(f"[warning] Escalated to level {level}: ")
        assert "run ignored" in message["title"]
    assert 1.5 < third.moments[0] - second.moments[0] < 10


def test_two_desks_of_one_directory_report_only_their_own_alerts(tmp_path: Path) -> None:
    with http_receiver() as one, http_receiver() as two:
        desks = [AlertDesk(tmp_path, settings_of(channel("ops", receiver.url))) for receiver in (one, two)]
        threads = [
            threading.Thread(target=desk.raise_alert, args=(breach(f"run-{number}"),))
            for number, desk in enumerate(desks)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(desk.close(wait_seconds=20) for desk in desks)
    assert [len(one.messages), len(two.messages)] == [1, 1]
    assert "run run-0" in one.messages[0]["title"]
    assert "run run-1" in two.messages[0]["title"]


@pytest.mark.parametrize(
    ("clock", "severity", "expected"),
    [
        ("21:59", "warning", "now"),
        ("22:00", "warning", "2026-03-03 07:00"),
        ("03:00", "warning", "2026-03-02 07:00"),
        ("07:00", "warning", "now"),
        ("03:00", "critical", "now"),
    ],
)
def test_quiet_hours(clock: str, severity: str, expected: str) -> None:
    ops = Channel.model_validate({"name": "ops", "url": "json://x", "quiet_hours": "22:00-07:00"})
    now = datetime.fromisoformat(f"2026-03-02 {clock}")
    due = due_time(ops, severity, now)  # type: ignore[arg-type]
    assert due == (now if expected == "now" else datetime.fromisoformat(expected))


@pytest.mark.slow
@pytest.mark.timeout(150)  # quiet hours have a resolution of one minute
def test_alerts_in_quiet_hours_are_sent_when_they_end_and_critical_ones_at_once(
    tmp_path: Path,
) -> None:
    begins = datetime.now() - timedelta(minutes=5)
    ends = (datetime.now() + timedelta(seconds=70)).replace(second=0, microsecond=0)  # 10 to 70 s from now
    with http_receiver() as ops:
        quiet = channel("ops", ops.url, quiet_hours=f"'{begins:%H:%M}-{ends:%H:%M}'")
        with AlertDesk(tmp_path, settings_of(quiet)) as desk:
            desk.raise_alert(breach())
            desk.raise_alert(Alert("run_failed", "run-1"))
            assert [message["title"] for message in ops.wait()] == ["[critical] The run failed: run run-1"]
            assert [delivery.status for delivery in desk.store.deliveries()].count("pending") == 1
            assert desk.close(wait_seconds=100), "the courier outlives the run until quiet hours end"
    assert ops.messages[1]["title"] == "[warning] The run takes longer than allowed: run run-1"
    assert 0 <= ops.moments[1] - ends.timestamp() < 5


@pytest.mark.parametrize(
    ("opening", "closing", "sets", "alerted"),
    [
        (10, 10, (), False),
        (10, 9, (), True),
        (1000, 1051, (), True),
        (1000, 1040, (), False),
        (1000, 1040, ("simulation.opening_date=2025-06-30",), True),  # 1.5 % in half a year
        (1000, 1000, ("simulation.opening_date=2025-06-30",), False),
        (1000, 1051, ("hiring.hires=200",), False),  # growth is an outcome
    ],
)
def test_growth_is_off_target_beyond_whole_people(
    tmp_path: Path, opening: int, closing: int, sets: tuple[str, ...], alerted: bool
) -> None:
    """Ten people who grow by 3 % are ten."""
    watch = Watch(RunDirectory(tmp_path / "run"), load_settings(sets=sets, environ={}))
    means = {"opening_headcount": float(opening), "ending_headcount": float(closing)}
    watch.see_growth(2025, [{"scenario_id": "baseline", "growth_rate": closing / opening - 1, **means}])
    store = store_of(tmp_path)
    assert [stored.alert.rule for stored in (store.recent() if store.exists else [])] == (
        ["growth_anomaly"] if alerted else []
    )


def test_every_rule_has_a_text_and_its_settings_exist() -> None:
    sla = load_settings(environ={}).base.sla
    for rule in RULES:
        assert all(WORDS[rule.name])
        for setting in (rule.within, rule.times):
            assert setting is None or hasattr(sla, setting), rule
        message = message_of(
            Alert(rule.name, "r", 2026, "growth", {"A": "b"}, link="https://x.example/1"), level=2
        )
        for text in (message.text, message.markdown):
            for part in ("2026", "growth", rule.severity, "https://x.example/1", "alerts ack"):
                assert part in text


@pytest.mark.parametrize("rule", ["run_duration", "year_duration", "run_overdue"])
@pytest.mark.parametrize("ending", [Completed, Failed, Cancelled])
def test_an_alert_raised_after_the_run_has_ended_states_its_real_duration(
    rule: str, ending: Callable[[], State], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rules on a busy server may fire minutes late: the time must not grow, nor the advice be to cancel."""
    began = datetime.now(UTC) - timedelta(hours=1)
    flow_run = FlowRun(
        flow_id=uuid4(),
        name="slow",
        state=ending(),
        start_time=began,
        end_time=began + timedelta(seconds=12.3),
        labels=RunFacts("slow", "vm", "1", "2025 of 2025").labels,
    )
    limits = SimpleNamespace(value={"run_seconds": 10, "year_seconds": 10, "cancel_seconds": 10})
    client: Any = SimpleNamespace(read_flow_run=lambda _: flow_run, read_variable_by_name=lambda _: limits)
    monkeypatch.setattr(notify, "_recent", {})

    alert = notify._alert_of(client, rule, f"prefect.flow-run.{flow_run.id}", {})

    assert alert is not None
    text = message_of(alert).text
    assert "\nElapsed: 12.3 s\n" in text
    assert f", {ending().name}\n" in text[text.index("\nEnded: ") :]
    assert text.splitlines()[0].endswith("has ended.")
    assert not re.search("takes longer|is being cancelled|wait, or cancel", text)
    assert ("--resume slow" in text) == (rule == "run_overdue" and ending is not Completed)
    running = flow_run.model_copy(update={"state": Running(), "end_time": None})
    client.read_flow_run = lambda _: running
    late = notify._alert_of(client, rule, f"prefect.flow-run.{flow_run.id}", {})
    assert late is not None and "Ended" not in late.facts and late.facts["Elapsed"].startswith("3,6")


def test_a_digest_of_many_alerts_is_short() -> None:
    alerts = [(Alert("check_warned", f"run-{number}"), 1) for number in range(5000)]
    message = digest_of([*alerts, (Alert("run_failed", "x"), 3)])
    assert message.subject == "[critical] 5,003 alerts of 5,001 runs"
    assert "5,000 × check_warned" in message.text
    assert len(message.text) < 4000


def test_a_dead_run_is_reported_once_from_outside(tmp_path: Path) -> None:
    now = datetime.now().astimezone()
    for name, status, age in (("dead", "running", 61), ("alive", "running", 5), ("done", "complete", 999)):
        (tmp_path / name).mkdir()
        state = {
            "status": status,
            "pid": 1,
            "host": "h",
            "years": [2025, 2029],
            "complete_years": [2025],
            "year": 2026,
            "step": "dbt build",
            "heartbeat_at": (now - timedelta(seconds=age)).isoformat(),
        }
        (tmp_path / name / "status.json").write_text(json.dumps(state))
    with http_receiver() as ops:
        settings = load_settings(sets=[f"alerts.channels=[{channel('ops', ops.url)}]"], environ={}).base
        first = alert_of_dead_runs(tmp_path, settings)
        second = alert_of_dead_runs(tmp_path, settings, by_record=True)  # no run.json exists
    assert [alert.run_id for alert in first] == ["dead"]
    assert second == []
    assert [message["title"] for message in ops.messages] == [
        "[critical] The run's heartbeat stopped: run dead"
    ]
    since = (now - timedelta(seconds=61)).isoformat(sep=" ", timespec="seconds")
    for part in (
        f"\nSince: {since}\n",
        "\nSetting: sla.heartbeat_seconds\nLimit: 60 s\n",
        "\nHost: h, process 1\nComplete years: 2025 of 2025 to 2029\nLast step: 2026 dbt build\n",
        f"\n  workforce run --resume dead --output {tmp_path}\n",
    ):
        assert part in ops.messages[0]["message"]


@pytest.mark.parametrize("count", [1, pytest.param(20, marks=pytest.mark.slow)])
def test_an_unreported_critical_alert_is_not_delayed(tmp_path: Path, count: int) -> None:
    """The alerts that are sent one by one are used up, by few or by a storm."""
    with (
        http_receiver() as ops,
        AlertDesk(tmp_path, settings_of(channel("ops", ops.url), digest_after=1)) as desk,
    ):
        for number in range(count):
            desk.raise_alert(Alert("run_failed", f"run-{number}"))
        assert ops.wait(1)
        before = len(ops.messages)
        desk.raise_alert(Alert("run_failed", "one-more"))
        raised = time.time()
        ops.wait(before + 1, seconds=20)
        assert "run one-more" in str(ops.messages[before:])
        assert ops.moments[before] - raised < 8  # 3 s, and time for a busy machine
        assert desk.close(wait_seconds=20)


def test_levels_are_notified_in_order(tmp_path: Path) -> None:
    """The highest level is ordered at once, as by a server's automation, before level 1 was reached."""
    with http_receiver() as first, http_receiver() as second, http_receiver() as third:
        settings = settings_of(
            channel("one", first.url),
            channel("two", second.url, level=2),
            channel("three", third.url, level=3),
        )
        alert = Alert("run_failed", "run-1")
        with AlertDesk(tmp_path, settings, escalate=False) as desk:
            desk.raise_alert(alert)
            desk.escalate_to(alert, 3)
            assert desk.close(wait_seconds=20)
    assert [len(one.messages) for one in (first, second, third)] == [1, 1, 1]
    assert first.moments[0] < second.moments[0] < third.moments[0]


@pytest.mark.slow
def test_the_time_to_acknowledge_starts_when_a_level_was_notified_and_a_refusing_channel_delays_no_level(
    tmp_path: Path,
) -> None:
    with http_receiver() as second:
        settings = settings_of(
            channel("one", f"json://127.0.0.1:{free_port()}"),
            channel("two", second.url, level=2),
            escalate_seconds=2,
            retries=5,
        )
        with AlertDesk(tmp_path, settings) as desk:
            raised = time.time()
            desk.raise_alert(breach())
            assert second.wait(1, seconds=20)
            assert 2 < second.moments[0] - raised < 10
            assert desk.store.acknowledge(desk.store.recent()[0].alert.id, "ann")


@pytest.mark.slow
def test_a_storm_is_escalated_as_a_digest(tmp_path: Path) -> None:
    with http_receiver() as first, http_receiver() as second:
        settings = settings_of(
            channel("one", first.url), channel("two", second.url, level=2), escalate_seconds=1
        )
        with AlertDesk(tmp_path, settings) as desk:
            for number in range(30):
                desk.raise_alert(breach(f"run-{number}"))
            assert desk.close(wait_seconds=30)
    [message] = second.messages
    assert message["title"] == "[warning] Escalated to level 2: 30 alerts of 30 runs"


def test_a_resolved_alert_is_reported_once_to_the_notified_channels(tmp_path: Path) -> None:
    with http_receiver() as ops, http_receiver() as boss:
        settings = settings_of(
            channel("ops", ops.url), channel("boss", boss.url, level=2), escalate_seconds=60
        )
        with AlertDesk(tmp_path, settings) as first:
            first.raise_alert(Alert("run_failed", "run-1", attempt="one"))
            first.raise_alert(Alert("run_failed", "run-2"))
            ops.wait(2)
            again = Alert("run_failed", "run-1", attempt="two")
            assert first.raise_alert(again), "the run went on and failed again: no repetition"
            ops.wait(3)
            assert not first.raise_alert(Alert("run_crashed", "run-1", attempt="two")), "the same trouble"
            with AlertDesk(tmp_path, settings) as second:  # of the process in which the run went on
                found = second.resolve(solved_by("end"), "the run is complete", run_id="run-1")
                assert len(found) == 2
                assert second.resolve(solved_by("end"), "the run is complete", run_id="run-1") == []
                assert second.close(wait_seconds=20)
            assert first.raise_alert(replace(again, id="later")), "what is over may come again"
            ops.wait(6)
            assert first.store.acknowledge("later", "ann")
            for stored in first.store.recent():
                first.store.acknowledge(stored.alert.id, "ann")
            assert first.close(wait_seconds=20)
    assert first.store.recent()[-1].handled == "resolved: the run is complete"
    over = [message for message in ops.messages if message["title"].startswith("[resolved] ")]
    assert [message["title"] for message in over] == ["[resolved] The run failed: run run-1"] * 2
    assert all("\nNow: the run is complete\n" in message["message"] for message in over)
    assert {message["type"] for message in over} == {"success"}
    assert boss.messages == []
    assert len(ops.messages) == 6


def test_an_alert_resolved_after_it_was_delayed_or_refused_is_reported_in_order(tmp_path: Path) -> None:
    with http_receiver() as ops:
        ops.refuse = 1
        with AlertDesk(tmp_path, settings_of(channel("ops", ops.url))) as desk:
            desk.raise_alert(Alert("run_failed", "run-1"))
            desk.resolve(solved_by("end"), "the run is complete", run_id="run-1")
            assert desk.close(wait_seconds=30)
    assert [message["title"].split("]")[0] for message in ops.messages] == ["[critical", "[resolved"]


def test_a_store_of_an_older_version_is_brought_up_to_date(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / ".alerts.sqlite") as connection:
        connection.executescript(read_query("tasks.alerts", "schema_1"))
        document = json.dumps({"rule": "run_failed", "run_id": "old", "facts": {}, "since": 1.0, "id": "a1"})
        connection.execute(
            "insert into alerts (id, fingerprint, severity, document, raised_at, last_at) "
            "values ('a1', 'failure|old', 'critical', ?, 1, 1)",
            (document,),
        )
    with http_receiver() as ops:
        with AlertDesk(tmp_path, settings_of(channel("ops", ops.url)), everything=True) as desk:
            assert [stored.alert.run_id for stored in desk.store.recent()] == ["old"]
            desk.deliver()
            assert desk.close(wait_seconds=20)
        assert len(ops.messages) == 1
