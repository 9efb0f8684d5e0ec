"""Alerts: what is worth telling (rules), in which words (message), to whom and how surely (the rest).

`AlertDesk` is the way in: it puts an alert into the store, a small database beside the runs, and sees to
it that a courier is there, a process of its own that makes messages of alerts and delivers them by
Apprise. So alerting neither slows nor fails what it watches, and what is raised outlives the raiser.
"""

from tasks.alerts.alert import Alert
from tasks.alerts.desk import AlertDesk
from tasks.alerts.rules import RULES, Rule, rule_named
from tasks.alerts.store import AlertStore, store_of

__all__ = ["RULES", "Alert", "AlertDesk", "AlertStore", "Rule", "rule_named", "store_of"]
