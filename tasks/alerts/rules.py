"""The one table of what is worth an alert.

The watch inside a run (watch.py) and the automations on a Prefect server (deployments/automations.py)
both read it, so that they report the same things in the same words.
"""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["info", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")

# Events that we emit ourselves; all others are Prefect's own.
HEARTBEAT, RUN_ENDED = "workforce.run.heartbeat", "workforce.run.ended"
CHECK_FAILED, CHECK_WARNED = "workforce.check.failed", "workforce.check.warned"
GROWTH_ANOMALY = "workforce.growth.anomaly"
ALERT_RAISED, ALERT_ACKNOWLEDGED = "workforce.alert.raised", "workforce.alert.acknowledged"
ALERT_RESOLVED = "workforce.alert.resolved"

_FLOW_RUN = "prefect.flow-run."
RUNNING, LATE, COMPLETED, FAILED, CRASHED, CANCELLED = (
    _FLOW_RUN + state for state in ("Running", "Late", "Completed", "Failed", "Crashed", "Cancelled")
)
ENDED = (COMPLETED, FAILED, CRASHED, CANCELLED)
BEGUN = (_FLOW_RUN + "Pending", RUNNING, *ENDED)
POOL_UNREADY, POOL_READY = "prefect.work-pool.not-ready", "prefect.work-pool.ready"


Subject = Literal["multi-year", "single-year", "pool"]  # whose events: a flow's runs, or the work pool's
Action = Literal["notify", "cancel"]
Solution = Literal["begin", "end", "worker"]  # what puts an end to a trouble


@dataclass(frozen=True)
class Rule:
    """What is reported, and when; the words are in message.py.

    On a server the rule fires when one of `after` is seen and, where `within` names a setting of `sla`,
    none of `unless` follows in that time. A rule with `times`, such a setting too, fires at each of `after`;
    notify.py counts them and raises the alert at so many in a day. Rules of one `family` report the
    same trouble: an attempt at a run has one alert of them. Who heard an alert hears as well that it is over,
    where the rule says what `solved` it.
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


ALIVE = (HEARTBEAT, RUN_ENDED)
END: tuple[Action, ...] = ("cancel", "notify")

# fmt: off
RULES: tuple[Rule, ...] = (
    #    name              severity    whose          after            unless         within
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
)
# fmt: on

# What may be the end of a trouble, by whose it is; whoever is called for it looks whether it is. A late run
# that was cancelled is not late any more.
SOLUTIONS = (
    Rule("resolved", "info", "multi-year", (RUNNING, COMPLETED, CANCELLED)),
    Rule("resolved", "info", "pool", (POOL_READY,)),
)

# Raised on demand by `workforce alerts test`: nothing triggers it.
SAMPLE = Rule("sample", "warning", "multi-year", actions=())

_BY_NAME = {rule.name: rule for rule in (*RULES, SAMPLE)}


def rule_named(name: str) -> Rule:
    """Return a rule. Raises ValueError, with the names there are, for an unknown one."""
    if name not in _BY_NAME:
        raise ValueError(f"there is no rule {name!r}; there are: {', '.join(_BY_NAME)}")
    return _BY_NAME[name]


def solved_by(solution: Solution) -> tuple[str, ...]:
    """The names of the rules whose trouble something puts an end to."""
    return tuple(rule.name for rule in RULES if rule.solved == solution)
