"""Alerts: rules that define them, the text of messages, and their delivery to channels.

`AlertDesk` is the entry point. It writes an alert into the store, a small database beside the runs, and
starts a courier, a separate process that turns alerts into messages and delivers them by Apprise. So
alerting neither slows nor fails a run, and an alert is delivered even if the process that raised it ends.
"""

from tasks.alerts.alert import Alert
from tasks.alerts.desk import AlertDesk
from tasks.alerts.rules import RULES, Rule, rule_named
from tasks.alerts.store import AlertStore, store_of

__all__ = ["RULES", "Alert", "AlertDesk", "AlertStore", "Rule", "rule_named", "store_of"]
