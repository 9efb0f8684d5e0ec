"""The words of an alert, in plain text and in Markdown: the only place that has them."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tasks.alerts.alert import Alert
from tasks.alerts.rules import SEVERITIES, Severity

_LOOK = "Read run.log in the run directory, then go on from the last complete year"
_SLOW = "See which step is slow (status.json, mon_pipeline_performance)"
_WORKER = "`prefect worker start --pool workforce`"

# Per rule: what happened, and what to do. The line that goes on with a run follows where there is one.
WORDS = {
    "run_duration": ("The run takes longer than allowed", f"{_SLOW}; wait, or cancel and resume"),
    "year_duration": (
        "A simulated year takes longer than allowed",
        f"{_SLOW}; fewer replicates or more memory help",
    ),
    "run_overdue": (
        "The run took far too long and is being cancelled",
        "Find out what held it up, then go on from the last complete year",
    ),
    "no_heartbeat": (
        "The run's heartbeat stopped",
        "Its process or machine is dead or stuck: look there, end what is left of it, then go on from the "
        "last complete year",
    ),
    "late_start": ("A scheduled run has not started", f"Check that a worker serves the pool: {_WORKER}"),
    "pool_not_ready": ("The work pool has no worker", f"Start one: {_WORKER}"),
    "run_failed": ("The run failed", _LOOK),
    "run_crashed": ("The run's process died", _LOOK),
    "check_failed": (
        "A data-quality check failed, and the run stopped",
        "The year was not published. See mon_data_quality, correct the cause, then go on",
    ),
    "run_cancelled": ("The run was cancelled", "If nobody meant it, go on from the last complete year"),
    "check_warned": (
        "A data-quality check gave a warning",
        "See mon_data_quality before the figures are used",
    ),
    "growth_anomaly": (
        "A year's headcount is far from its target",
        "Compare targets, census and rates of that scenario; sla.growth_tolerance is the difference allowed",
    ),
    "failing_again": (
        "Runs fail again and again: the deployment is paused",
        "Correct the cause, then resume the deployment by the command above; until then no schedule fires",
    ),
    "sample": (
        "A sample alert: nothing is wrong",
        "Nothing to do: somebody ran `workforce alerts test`",
    ),
}
# Rules after which a run can go on.
_GO_ON = ("run_overdue", "no_heartbeat", "run_failed", "run_crashed", "check_failed", "run_cancelled")
_NOTHING_BEGUN = (
    "Nothing was simulated, and there is no run directory. Correct what the error names, then run it again"
)

LISTED = 20  # alerts that a digest lists one by one


@dataclass(frozen=True)
class Message:
    """What is sent to a channel."""

    severity: Severity
    subject: str
    text: str
    markdown: str
    alert_ids: tuple[str, ...]
    is_good: bool = False  # the trouble is over


def title_of(rule: str) -> str:
    """What happened, in a few words."""
    return WORDS[rule][0]


def message_of(alert: Alert, *, count: int = 1, level: int = 1) -> Message:
    """One alert as a message.

    Args:
        alert: The alert.
        count: How often it occurred.
        level: The escalation level that is notified; above 1 the message says that nobody acknowledged it.
    """
    title = title_of(alert.rule)
    prefix = f"Escalated to level {level}: " if level > 1 else ""
    times = f" ({count} times)" if count > 1 else ""
    advice, command = _advice(alert)
    return _message(
        alert,
        subject=f"[{alert.how_bad}] {prefix}{title}{times}: {_where(alert)}",
        headline=f"{prefix}{title}{times}",
        facts={
            **_whose(alert),
            "Severity": alert.how_bad,
            "Since": _moment(alert.since),
            **alert.facts,
            "Rule": alert.rule,
        },
        advice=advice,
        command=command,
        closing=f"workforce alerts ack {alert.id}",
    )


def resolution_of(alert: Alert, how: str) -> Message:
    """The message that an alert is over, and by what."""
    title = title_of(alert.rule)
    facts = {
        **_whose(alert),
        "Now": how,
        "Since": _moment(alert.since),
        "Rule": alert.rule,
        "Alert": alert.id,
    }
    subject, headline = f"[resolved] {title}: {_where(alert)}", f"Resolved: {title}"
    return replace(_message(alert, subject=subject, headline=headline, facts=facts), is_good=True)


def resolutions_of(alerts: Sequence[Alert]) -> Message:
    """Many alerts that are over, as one message."""
    message = digest_of([(alert, 1) for alert in alerts])
    return replace(
        message, subject=f"[resolved] {len(alerts):,} alerts of {_count_of_runs(alerts)}", is_good=True
    )


def _message(
    alert: Alert,
    *,
    subject: str,
    headline: str,
    facts: Mapping[str, str],
    advice: str | None = None,
    command: str | None = None,
    closing: str | None = None,
) -> Message:
    """Headline, facts, what to do and the lines to paste, in both forms."""
    plain = [f"{headline}.", "", *(f"{name}: {value}" for name, value in facts.items()), ""]
    marked = [
        f"**{_escaped(headline)}**",
        "",
        *(f"- **{name}:** {_escaped(value)}" for name, value in facts.items()),
        "",
    ]
    if advice:
        end = ":" if command else "."
        plain.append(f"What to do: {advice}{end}")
        marked += [f"**What to do:** {advice}{end}", ""]
    if command:
        plain.append(f"  {command}")
        marked += [f"    {command}", ""]
    if alert.link:
        plain.append(f"Open: {alert.link}")
        marked += [f"[Open the run](<{alert.link}>)", ""]
    if closing:
        plain.append(f"Acknowledge: {closing}")
        marked.append(f"Acknowledge: `{closing}`")
    return Message(alert.how_bad, subject, "\n".join(plain), "\n".join(marked), (alert.id,))


def _advice(alert: Alert) -> tuple[str, str | None]:
    """What to do, and the line that does it."""
    if alert.rule in _GO_ON:
        return WORDS[alert.rule][1] if alert.begun else _NOTHING_BEGUN, alert.command
    return WORDS[alert.rule][1], None


def _whose(alert: Alert) -> dict[str, str]:
    return {
        "Work pool" if alert.of.subject == "pool" else "Run": alert.run_id,
        **({"Year": str(alert.year)} if alert.year else {}),
        **({"Scenario": alert.scenario} if alert.scenario else {}),
    }


def digest_of(alerts: Sequence[tuple[Alert, int]], *, level: int = 1) -> Message:
    """Many alerts, each with its count, as one message: how many of which rule, and the first of them."""
    worst = max((alert.how_bad for alert, _ in alerts), key=SEVERITIES.index)
    total = sum(count for _, count in alerts)
    prefix = f"Escalated to level {level}: " if level > 1 else ""
    subject = f"[{worst}] {prefix}{total:,} alerts of {_count_of_runs([alert for alert, _ in alerts])}"
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


def _count_of_runs(alerts: Sequence[Alert]) -> str:
    runs = len({alert.run_id for alert in alerts})
    return f"{runs:,} run{'s' if runs > 1 else ''}"


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
