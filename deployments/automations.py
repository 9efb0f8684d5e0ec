"""The automations: the rules of tasks/alerts/rules.py as Prefect's triggers and actions.

Every alert goes through deployment `notify/alerts`, which counts, renders and retries it like an alert of
a run without a server. Escalation is an automation too: an alert was raised, but not acknowledged in time.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from prefect.events.actions import ActionTypes, CancelFlowRun, RunDeployment
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture

from settings import Settings
from tasks.alerts.comparisons import BY_SUBJECT
from tasks.alerts.limits import SHORTEST_SILENCE_SECONDS
from tasks.alerts.message import title_of
from tasks.alerts.rules import (
    ALERT_ACKNOWLEDGED,
    ALERT_RAISED,
    ALERT_RESOLVED,
    RULES,
    SOLUTIONS,
    Rule,
)
from tasks.server.names import RUN_POOL, RUN_TAG
from tasks.server.submitted import AUTOMATION_PREFIX, CENSUS_SUBMITTED, LISTS_PREFIX, SUBMITTED_AUTOMATION

EACH = {"prefect.resource.id"}


def automations_of(settings: Settings, notify_id: UUID, reforecast_id: UUID) -> list[AutomationCore]:
    """Return an automation per enabled rule, solution and escalation level, and that of the reforecast.

    Args:
        settings: The limits, and the channels with their levels.
        notify_id: Deployment `notify/alerts`.
        reforecast_id: Deployment `reforecast/monthly`.
    """
    rules = [_automation(rule, settings, notify_id) for rule in RULES if _is_on(rule, settings)]
    levels = sorted({channel.level for channel in settings.alerts.channels if channel.level > 1})
    solutions = [_solution(rule, settings, notify_id) for rule in SOLUTIONS]
    escalations = [_escalation(level, settings, notify_id) for level in levels]
    return [*rules, *solutions, *escalations, _reforecast(reforecast_id)]


def _is_on(rule: Rule, settings: Settings) -> bool:
    return rule.within is None or getattr(settings.sla, rule.within) is not None


def _automation(rule: Rule, settings: Settings, notify_id: UUID) -> AutomationCore:
    return AutomationCore(
        name=f"{AUTOMATION_PREFIX}{rule.name}",
        description=title_of(rule.name),
        tags=[RUN_TAG],
        trigger=_trigger(rule, settings),
        actions=[_action(action, rule, notify_id) for action in rule.actions],
    )


def _trigger(rule: Rule, settings: Settings) -> EventTrigger:
    match, match_related = _matches(rule)
    events: dict[str, Any] = {"match": match, "match_related": match_related, "for_each": EACH}
    if rule.within is None:
        return EventTrigger(posture=Posture.Reactive, expect=set(rule.after), **events)
    return EventTrigger(
        posture=Posture.Proactive,
        after=set(rule.after),
        expect=set(rule.unless),
        within=_within(getattr(settings.sla, rule.within)),
        **events,
    )


def _matches(rule: Rule) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return which resources' events a rule matches.

    Only flow runs of this project's deployments match; local runs raise their own alerts.
    """
    if rule.subject == "pool":
        return {"prefect.resource.id": "prefect.work-pool.*", "prefect.resource.name": RUN_POOL}, []
    if comparison := BY_SUBJECT.get(rule.subject):
        return {"prefect.resource.id": f"{comparison.prefix}*"}, []
    if rule.after[0].startswith("workforce."):
        return {"prefect.resource.id": "workforce.run.*"}, []
    return {"prefect.resource.id": "prefect.flow-run.*"}, [
        {"prefect.resource.role": "flow", "prefect.resource.name": rule.subject},
        {"prefect.resource.role": "tag", "prefect.resource.id": f"prefect.tag.{RUN_TAG}"},
    ]


def _action(action: str, rule: Rule, notify_id: UUID) -> ActionTypes:
    if action == "cancel":
        return CancelFlowRun()
    reacts = rule.within is None
    subject = "{{ event.resource.id }}" if reacts else "{{ labels.prefect.resource.id }}"
    return _notify(
        notify_id,
        rule=rule.name,
        subject=_template(subject),
        **({"payload": _json_template("{{ event.payload | tojson }}")} if reacts else {}),
    )


def _solution(rule: Rule, settings: Settings, notify_id: UUID) -> AutomationCore:
    return AutomationCore(
        name=f"{AUTOMATION_PREFIX}resolved, {rule.subject}",
        description="Report resolved alerts to everyone who was notified of them",
        tags=[RUN_TAG],
        trigger=_trigger(rule, settings),
        actions=[_notify(notify_id, rule=rule.name, subject=_template("{{ event.resource.id }}"))],
    )


def _escalation(level: int, settings: Settings, notify_id: UUID) -> AutomationCore:
    seconds = settings.alerts.escalate_seconds * (level - 1)
    return AutomationCore(
        name=f"{AUTOMATION_PREFIX}escalation to level {level}",
        description=f"Notify level {level} of alerts not acknowledged within {seconds} s",
        tags=[RUN_TAG],
        trigger=EventTrigger(
            posture=Posture.Proactive,
            match={
                "prefect.resource.id": "workforce.alert.*",
                "workforce.severity": ["warning", "critical"],
            },
            after={ALERT_RAISED},
            expect={ALERT_ACKNOWLEDGED, ALERT_RESOLVED},
            for_each=EACH,
            within=_within(seconds),
        ),
        actions=[
            _notify(
                notify_id,
                rule="escalation",
                subject=_template("{{ labels.prefect.resource.id }}"),
                level=level,
            )
        ],
    )


def _reforecast(reforecast_id: UUID) -> AutomationCore:
    """Return the automation that starts a reforecast, with the deployment's parameters, for a new list."""
    return AutomationCore(
        name=SUBMITTED_AUTOMATION,
        description="Start a reforecast when a list of employees is submitted",
        tags=[RUN_TAG],
        trigger=EventTrigger(
            posture=Posture.Reactive,
            match={"prefect.resource.id": f"{LISTS_PREFIX}*"},
            expect={CENSUS_SUBMITTED},
            for_each=EACH,
        ),
        actions=[
            RunDeployment(source="selected", deployment_id=reforecast_id, parameters=None, job_variables=None)
        ],
    )


def _within(seconds: Decimal | int) -> timedelta:
    return timedelta(seconds=max(float(seconds), SHORTEST_SILENCE_SECONDS))


def _notify(notify_id: UUID, **parameters: Any) -> RunDeployment:
    return RunDeployment(
        source="selected", deployment_id=notify_id, parameters=parameters, job_variables=None
    )


def _template(text: str) -> dict[str, str]:
    return {"__prefect_kind": "jinja", "template": text}


def _json_template(text: str) -> dict[str, Any]:
    return {"__prefect_kind": "json", "value": _template(text)}
