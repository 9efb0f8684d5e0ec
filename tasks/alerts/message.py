"""The words of an alert, in plain text and in Markdown: the only place that has them."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tasks.alerts.alert import Alert
from tasks.alerts.rules import SEVERITIES, Severity

_LOOK = "Read run.log in the run directory; `--resume` goes on from the last complete year."
_SLOW = "See which step is slow (status.json, mon_pipeline_performance)"
_WORKER = "`prefect worker start --pool workforce`"

# Per rule: what happened, and what to do.
WORDS = {
    "run_duration": ("The run takes longer than allowed", f"{_SLOW}; wait, or cancel and resume."),
    "year_duration": (
        "A simulated year takes longer than allowed",
        f"{_SLOW}; fewer replicates or more memory help.",
    ),
    "run_overdue": (
        "The run took far too long and is being cancelled",
        "Find out what held it up, then go on with `--resume`.",
    ),
    "no_heartbeat": (
        "The run gives no sign of life",
        "Its process or machine is dead or stuck: look there, end what is left of it, and `--resume`.",
    ),
    "late_start": ("A scheduled run has not begun", f"See whether a worker serves the pool: {_WORKER}."),
    "pool_not_ready": ("The work pool has no worker", f"Start one: {_WORKER}."),
    "run_failed": ("The run failed", _LOOK),
    "run_crashed": ("The run's process died", _LOOK),
    "check_failed": (
        "A data-quality check failed, and the run stopped",
        "The year was not published. See mon_data_quality, correct the cause, and `--resume`.",
    ),
    "run_cancelled": ("The run was cancelled", "If nobody meant it, go on with `--resume`."),
    "check_warned": (
        "A data-quality check gave a warning",
        "See mon_data_quality before the figures are used.",
    ),
    "growth_anomaly": (
        "A year's headcount is far from its target",
        "Compare targets, census and rates of that scenario; sla.growth_tolerance says how far is told.",
    ),
    "failing_again": (
        "Runs fail again and again: the deployment is paused",
        "Correct the cause, then resume the deployment by the command above; until then no schedule fires",
    ),
    "sample": (
        "A sample alert: nothing is wrong",
        "Nothing to do: somebody ran `workforce alerts test`.",
    ),
}

LISTED = 20  # alerts that a digest lists one by one


@dataclass(frozen=True)
class Message:
    """What is sent to a channel."""

    severity: Severity
    subject: str
    text: str
    markdown: str
    alert_ids: tuple[str, ...]


def title_of(rule: str) -> str:
    """What happened, in a few words."""
    return WORDS[rule][0]


def message_of(alert: Alert, *, count: int = 1, level: int = 1) -> Message:
    """One alert as a message.

    Args:
        alert: The alert.
        count: How often it occurred.
        level: The escalation level that is told; above 1 the message says that nobody acknowledged it.
    """
    title, advice = WORDS[alert.rule]
    prefix = f"Escalated to level {level}: " if level > 1 else ""
    times = f" ({count} times)" if count > 1 else ""
    subject = f"[{alert.how_bad}] {prefix}{title}{times}: {_where(alert)}"
    facts = {
        "Run": alert.run_id,
        **({"Year": str(alert.year)} if alert.year else {}),
        **({"Scenario": alert.scenario} if alert.scenario else {}),
        "Severity": alert.how_bad,
        "Since": _moment(alert.since),
        **alert.facts,
        "Rule": alert.rule,
    }
    closing = f"Acknowledge: workforce alerts ack {alert.id}"
    plain = [
        f"{prefix}{title}{times}.",
        "",
        *(f"{k}: {v}" for k, v in facts.items()),
        "",
        f"What to do: {advice}",
    ]
    marked = [
        f"**{_escaped(prefix + title + times)}**",
        "",
        *(f"- **{name}:** {_escaped(value)}" for name, value in facts.items()),
        "",
        f"**What to do:** {advice}",
        "",
    ]
    if alert.link:
        plain.append(f"Run: {alert.link}")
        marked += [f"[Open the run](<{alert.link}>)", ""]
    return Message(
        alert.how_bad,
        subject,
        "\n".join([*plain, closing]),
        "\n".join([*marked, f"Acknowledge: `workforce alerts ack {alert.id}`"]),
        (alert.id,),
    )


def digest_of(alerts: Sequence[tuple[Alert, int]]) -> Message:
    """Many alerts, each with its count, as one message: how many of which rule, and the first of them."""
    worst = max((alert.how_bad for alert, _ in alerts), key=SEVERITIES.index)
    total = sum(count for _, count in alerts)
    runs = len({alert.run_id for alert, _ in alerts})
    subject = f"[{worst}] {total:,} alerts of {runs:,} run{'s' if runs > 1 else ''}"
    by_rule = Counter[str]()
    for alert, count in alerts:
        by_rule[alert.rule] += count
    tally = [f"{count:,} × {rule}" for rule, count in by_rule.most_common()]
    listed = [
        f"{alert.id} [{alert.how_bad}] {title_of(alert.rule)}: {_where(alert)}"
        for alert, _ in alerts[:LISTED]
    ]
    more = [f"… and {len(alerts) - LISTED:,} more"] if len(alerts) > LISTED else []
    closing = "All of them: workforce alerts list"
    return Message(
        worst,
        subject,
        "\n".join([*tally, "", *listed, *more, "", closing]),
        "\n".join(
            [
                *(f"- **{line}**" for line in tally),
                "",
                *(f"- {_escaped(line)}" for line in listed),
                *more,
                "",
                closing,
            ]
        ),
        tuple(alert.id for alert, _ in alerts),
    )


def _where(alert: Alert) -> str:
    parts = [f"run {alert.run_id}"] if alert.of.subject != "pool" else [f"work pool {alert.run_id}"]
    parts += [str(alert.year)] if alert.year else []
    parts += [f"scenario {alert.scenario}"] if alert.scenario else []
    return ", ".join(parts)


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat(sep=" ", timespec="seconds")


def _escaped(text: str) -> str:
    """Text whose signs mean nothing to Markdown."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", text)
