"""The table of rules that raise alerts.

The watch inside a run (watch.py) and the automations on a Prefect server (deployments/automations.py)
both use it, so that they report the same trouble in the same words.
"""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["info", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")

# Events that this product emits; all others are Prefect's.
HEARTBEAT, RUN_ENDED = "workforce.run.heartbeat", "workforce.run.ended"
CHECK_FAILED, CHECK_WARNED = "workforce.check.failed", "workforce.check.warned"
GROWTH_ANOMALY = "workforce.growth.anomaly"
FORECAST_MISSED, FORECAST_HELD = "workforce.forecast.missed", "workforce.forecast.held"
BUDGET_MOVED, BUDGET_HELD = "workforce.budget.moved", "workforce.budget.held"
ALERT_RAISED, ALERT_ACKNOWLEDGED = "workforce.alert.raised", "workforce.alert.acknowledged"
ALERT_RESOLVED = "workforce.alert.resolved"

_FLOW_RUN = "prefect.flow-run."
RUNNING, LATE, COMPLETED, FAILED, CRASHED, CANCELLED = (
    _FLOW_RUN + state for state in ("Running", "Late", "Completed", "Failed", "Crashed", "Cancelled")
)
ENDED = (COMPLETED, FAILED, CRASHED, CANCELLED)
BEGUN = (_FLOW_RUN + "Pending", RUNNING, *ENDED)
POOL_UNREADY, POOL_READY = "prefect.work-pool.not-ready", "prefect.work-pool.ready"


# Source of the events: runs of a flow, the work pool, a history whose forecasts were compared with it, or a
# budget with which a reforecast was compared.
Subject = Literal["multi-year", "single-year", "reforecast", "pool", "history", "budget"]
Action = Literal["notify", "cancel"]
Solution = Literal["begin", "end", "worker", "forecast", "budget"]  # what ends a trouble


@dataclass(frozen=True)
class Rule:
    """What is reported, and when; the text is in message.py.

    On a server the rule fires when one of the events `after` occurs and, if `within` names a setting of
    `sla`, none of the events `unless` follows within that time. A rule with `times`, also a setting of `sla`,
    fires at each of `after`; notify.py counts them and raises the alert when that many occur within a day.
    Rules of one `family` report the same trouble: an attempt at a run has at most one alert of a family. If
    `solved` names what ends the trouble, the notified channels also receive a message that it is over.
    With `once`, an alert that is not resolved is not raised or counted again, however long ago it was raised.
    """

    name: str
    severity: Severity
    subject: Subject
    after: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    within: str | None = None
    actions: tuple[Action, ...] = ("notify",)
    times: str | None = None
    family: str | None = None
    solved: Solution | None = None
    once: bool = False


ALIVE = (HEARTBEAT, RUN_ENDED)
END: tuple[Action, ...] = ("cancel", "notify")

# fmt: off
RULES: tuple[Rule, ...] = (
    #    name              severity    subject        after            unless         within
    Rule("run_duration",   "warning",  "multi-year",  (RUNNING,),      ENDED,         "run_seconds"),
    Rule("year_duration",  "warning",  "single-year", (RUNNING,),      ENDED,         "year_seconds"),
    Rule("run_overdue",    "critical", "multi-year",  (RUNNING,),      ENDED,         "cancel_seconds", END,
         solved="end"),
    Rule("no_heartbeat",   "critical", "multi-year",  (HEARTBEAT,),    ALIVE,         "heartbeat_seconds",
         family="failure", solved="end"),
    Rule("late_start",     "warning",  "multi-year",  (LATE,),         BEGUN,         "late_seconds",
         solved="begin"),
    Rule("pool_not_ready", "warning",  "pool",        (POOL_UNREADY,), (POOL_READY,), "pool_seconds",
         solved="worker"),
    Rule("run_failed",     "critical", "multi-year",  (FAILED,),         family="failure", solved="end"),
    Rule("run_crashed",    "critical", "multi-year",  (CRASHED,),        family="failure", solved="end"),
    Rule("check_failed",   "critical", "multi-year",  (CHECK_FAILED,),   family="failure", solved="end"),
    Rule("run_cancelled",  "warning",  "multi-year",  (CANCELLED,),      solved="end"),
    Rule("check_warned",   "warning",  "multi-year",  (CHECK_WARNED,)),
    Rule("growth_anomaly", "warning",  "multi-year",  (GROWTH_ANOMALY,)),
    Rule("failing_again",  "critical", "multi-year",  (FAILED, CRASHED), times="failures_to_pause"),
    Rule("forecast_missed", "warning", "history",    (FORECAST_MISSED,),  family="forecast",
         solved="forecast", once=True),
    Rule("budget_moved",   "warning",  "budget",     (BUDGET_MOVED,),     family="budget",
         solved="budget", once=True),
    Rule("reforecast_failed", "critical", "reforecast", (FAILED, CRASHED), solved="end"),
)
# fmt: on

# Events that may end a trouble, by subject; the handler checks whether it is over. A late run that was
# cancelled is no longer late.
SOLUTIONS = (
    Rule("resolved", "info", "multi-year", (RUNNING, COMPLETED, CANCELLED)),
    Rule("resolved", "info", "reforecast", (COMPLETED,)),
    Rule("resolved", "info", "pool", (POOL_READY,)),
    Rule("resolved", "info", "history", (FORECAST_HELD,)),
    Rule("resolved", "info", "budget", (BUDGET_HELD,)),
)

# Raised by `workforce alerts test` only.
SAMPLE = Rule("sample", "warning", "multi-year", actions=())

_BY_NAME = {rule.name: rule for rule in (*RULES, SAMPLE)}


def rule_named(name: str) -> Rule:
    """Return a rule by name. Raises ValueError for an unknown name."""
    if name not in _BY_NAME:
        raise ValueError(f"unknown rule {name!r}; rules are: {', '.join(_BY_NAME)}")
    return _BY_NAME[name]


def rule_or_unknown(name: str) -> Rule:
    """Return a rule by name; for a name of another version of the program, a rule that does nothing."""
    return _BY_NAME.get(name) or Rule(name, "warning", "multi-year", actions=())


def solved_by(solution: Solution) -> tuple[str, ...]:
    """Return the names of the rules whose trouble `solution` ends."""
    return tuple(rule.name for rule in RULES if rule.solved == solution)
