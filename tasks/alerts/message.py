"""The text of alert messages, in plain text and Markdown; no other module has it."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tasks.alerts.alert import ENDED, Alert
from tasks.alerts.rules import SEVERITIES, Severity

_READ_LOG = "Read run.log in the run directory, then resume from the last complete year"
_SLOW = "Find out which step is slow (status.json, mon_pipeline_performance)"
_WAS_SLOW = "Find out which step was slow (status.json, mon_pipeline_performance)"
_WORKER = "`prefect worker start --pool workforce`"

# Per rule: what happened, and what to do. If a command can resume the run, it follows in the message.
WORDS = {
    "run_duration": ("The run takes longer than allowed", f"{_SLOW}; wait, or cancel and resume"),
    "year_duration": (
        "A simulated year takes longer than allowed",
        f"{_SLOW}; fewer replicates or more memory help",
    ),
    "run_overdue": (
        "The run took far too long and is being cancelled",
        "Find out what delayed it, then resume from the last complete year",
    ),
    "no_heartbeat": (
        "The run's heartbeat stopped",
        "Its process or machine is dead or stuck: check it, end what is left of the run, then resume from "
        "the last complete year",
    ),
    "late_start": ("A scheduled run has not started", f"Check that a worker serves the pool: {_WORKER}"),
    "pool_not_ready": ("The work pool has no worker", f"Start one: {_WORKER}"),
    "run_failed": ("The run failed", _READ_LOG),
    "run_crashed": ("The run's process ended unexpectedly", _READ_LOG),
    "check_failed": (
        "A data-quality check failed, and the run stopped",
        "The year was not published. See mon_data_quality, correct the cause, then resume",
    ),
    "run_cancelled": (
        "The run was cancelled",
        "If that was not intended, resume from the last complete year",
    ),
    "check_warned": (
        "A data-quality check gave a warning",
        "See mon_data_quality before you use the figures",
    ),
    "growth_anomaly": (
        "A year's headcount is far from its target",
        "Compare targets, census and rates of that scenario; sla.growth_tolerance is the allowed difference",
    ),
    "failing_again": (
        "Runs fail repeatedly: the deployment is paused",
        "Correct the cause, then resume the deployment by the command above; until then no schedule starts "
        "runs",
    ),
    "forecast_missed": (
        "What happened lies outside the last forecast",
        "Find out whether it was a single event (history.exclude_reasons leaves its reason out of the rates) "
        "or a change that stays; fit again with the newest list. By chance, one figure in ten lies outside",
    ),
    "budget_moved": (
        "The reforecast differs from the budget by more than allowed",
        "Read what explains the difference in the report, or by `workforce variance`; correct what is wrong "
        "in list or settings, or agree on a new budget. reforecast.threshold is the allowed difference",
    ),
    "reforecast_failed": (
        "The reforecast failed, so that nothing was compared with the budget",
        "Correct what the state names, then run deployment reforecast/monthly again: it goes on where this "
        "one ended",
    ),
    "sample": (
        "A sample alert: nothing is wrong",
        "Nothing to do: `workforce alerts test` sent it",
    ),
}
# The same for an alert that was raised after the run or year had ended (fact ENDED).
_WORDS_OF_ENDED = {
    "run_duration": ("The run took longer than allowed and has ended", f"{_WAS_SLOW} before the next run"),
    "year_duration": (
        "A simulated year took longer than allowed and has ended",
        f"{_WAS_SLOW}; fewer replicates or more memory help",
    ),
    "run_overdue": (
        "The run took far too long and has ended",
        "Find out what delayed it; if it is not complete, resume from the last complete year",
    ),
}
# Rules after which a run can be resumed.
_RESUMABLE = ("run_overdue", "no_heartbeat", "run_failed", "run_crashed", "check_failed", "run_cancelled")
_NOT_STARTED = (
    "Nothing was simulated, and there is no run directory. Correct what the error names, then run it again"
)

# What an alert concerns, one and many, by the subject of its rule; of all others, a run.
_CONCERNS = {
    "pool": ("work pool", "work pools"),
    "history": ("history", "histories"),
    "budget": ("budget", "budgets"),
}
_RUN = ("run", "runs")

LISTED = 20  # alerts that a digest lists one by one


@dataclass(frozen=True)
class Message:
    """A message to a channel, in plain text and Markdown."""

    severity: Severity
    subject: str
    text: str
    markdown: str
    alert_ids: tuple[str, ...]
    is_good: bool = False  # the trouble is over


def title_of(rule: str) -> str:
    """Return a rule's title: what happened, in a few words."""
    return WORDS[rule][0]


def title_of_alert(alert: Alert) -> str:
    """Return an alert's title: that of its rule, or that of a run that had ended."""
    return _words_of(alert)[0]


def _words_of(alert: Alert) -> tuple[str, str]:
    """Return what happened and what to do; an alert in a store may be of another version's rule."""
    unknown = (
        f"An alert of rule {alert.rule}, which this version does not know",
        "See it with the version of the program that raised it",
    )
    ended = _WORDS_OF_ENDED if ENDED in alert.facts else {}
    return ended.get(alert.rule) or WORDS.get(alert.rule, unknown)


def message_of(alert: Alert, *, count: int = 1, level: int = 1) -> Message:
    """Return the message of one alert.

    Args:
        alert: The alert.
        count: Number of occurrences.
        level: The escalation level to notify; above 1 the message is marked as escalated.
    """
    title = title_of_alert(alert)
    prefix = f"Escalated to level {level}: " if level > 1 else ""
    times = f" ({count} times)" if count > 1 else ""
    advice, command = _advice(alert)
    return _message(
        alert,
        subject=f"[{alert.how_bad}] {prefix}{title}{times}: {where_of(alert)}",
        headline=f"{prefix}{title}{times}",
        facts={
            **_whose(alert),
            "Severity": alert.how_bad,
            "Since": moment_text(alert.since),
            **alert.facts,
            "Rule": alert.rule,
        },
        advice=advice,
        command=command,
        closing=f"workforce alerts ack {alert.id}",
    )


def resolution_of(alert: Alert, how: str) -> Message:
    """Return the message that an alert is over; `how` says what ended it."""
    title = title_of_alert(alert)
    facts = {
        **_whose(alert),
        "Now": how,
        "Since": moment_text(alert.since),
        "Rule": alert.rule,
        "Alert": alert.id,
    }
    subject, headline = f"[resolved] {title}: {where_of(alert)}", f"Resolved: {title}"
    return replace(_message(alert, subject=subject, headline=headline, facts=facts), is_good=True)


def resolutions_of(alerts: Sequence[Alert]) -> Message:
    """Return one message for many alerts that are over."""
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
    """Return the message with headline, facts, advice and commands, in both formats."""
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
        marked += [f"[Open the {_kind_of(alert)}](<{alert.link}>)", ""]
    if closing:
        plain.append(f"Acknowledge: {closing}")
        marked.append(f"Acknowledge: `{closing}`")
    return Message(alert.how_bad, subject, "\n".join(plain), "\n".join(marked), (alert.id,))


def _advice(alert: Alert) -> tuple[str, str | None]:
    """Return the advice for an alert, and the command that carries it out, if any."""
    if alert.rule in _RESUMABLE:
        return _words_of(alert)[1] if alert.begun else _NOT_STARTED, alert.command
    return _words_of(alert)[1], None


def _whose(alert: Alert) -> dict[str, str]:
    return {
        _kind_of(alert).capitalize(): alert.run_id,
        **({"Year": str(alert.year)} if alert.year else {}),
        **({"Scenario": alert.scenario} if alert.scenario else {}),
    }


def digest_of(alerts: Sequence[tuple[Alert, int]], *, level: int = 1) -> Message:
    """Return one message for many alerts, each with its count: totals by rule, and the first alerts."""
    worst = max((alert.how_bad for alert, _ in alerts), key=SEVERITIES.index)
    total = sum(count for _, count in alerts)
    prefix = f"Escalated to level {level}: " if level > 1 else ""
    subject = f"[{worst}] {prefix}{total:,} alerts of {_count_of_runs([alert for alert, _ in alerts])}"
    by_rule = Counter[str]()
    for alert, count in alerts:
        by_rule[alert.rule] += count
    tally = [f"{count:,} × {rule}" for rule, count in by_rule.most_common()]
    listed = [
        f"{alert.id} [{alert.how_bad}] {title_of_alert(alert)}: {where_of(alert)}"
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
    number = len({alert.run_id for alert in alerts})
    kinds = {_CONCERNS.get(alert.of.subject, _RUN) for alert in alerts}
    one, many = kinds.pop() if len(kinds) == 1 else _RUN
    return f"{number:,} {many if number > 1 else one}"


def where_of(alert: Alert) -> str:
    """Return what an alert concerns, as in "run budget-2027, 2026"."""
    parts = [f"{_kind_of(alert)} {alert.run_id}"]
    parts += [str(alert.year)] if alert.year else []
    parts += [f"scenario {alert.scenario}"] if alert.scenario else []
    return ", ".join(parts)


def _kind_of(alert: Alert) -> str:
    return _CONCERNS.get(alert.of.subject, _RUN)[0]


def moment_text(seconds: float) -> str:
    """Return a time, in seconds of the epoch, as local date, time and zone."""
    return datetime.fromtimestamp(seconds).astimezone().isoformat(sep=" ", timespec="seconds")


def _escaped(text: str) -> str:
    """Return the text with Markdown's special characters escaped."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", text)
