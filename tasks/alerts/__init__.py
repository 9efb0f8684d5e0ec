"""Alerts: rules that define them, the text of messages, and their delivery to channels.

`AlertDesk` is the entry point. It writes an alert into the store, a small database in the directory of runs,
and starts a courier, a separate process that turns alerts into messages and delivers them by Apprise. Alerts
therefore neither slow nor fail a run, and are delivered even if the process that raised them ends.
"""

from tasks.alerts.alert import Alert
from tasks.alerts.desk import AlertDesk
from tasks.alerts.rules import RULES, Rule, rule_named
from tasks.alerts.store import AlertStore, store_of

__all__ = ["RULES", "Alert", "AlertDesk", "AlertStore", "Rule", "rule_named", "store_of"]
