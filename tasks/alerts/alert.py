"""An alert: its rule, the run that it concerns, and the facts."""

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields

from tasks.alerts.rules import Rule, Severity, rule_or_unknown


@dataclass(frozen=True)
class Alert:
    """One alert, as raised by a rule for a run or a work pool."""

    rule: str
    run_id: str
    year: int | None = None
    scenario: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)  # in the order of the message
    since: float = field(default_factory=time.time)  # epoch seconds: start of the trouble
    link: str | None = None
    severity: Severity | None = None  # None: that of the rule
    attempt: str = ""  # identifies the attempt at the run: a resumed run may fail again
    source: str | None = None  # resource on a Prefect server for which the rule fired
    command: str | None = None  # command that resumes the run
    begun: bool = True  # whether the run has a run directory
    id: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def of(self) -> Rule:
        """The rule that raised it; another version of the program may have raised it by one unknown here."""
        return rule_or_unknown(self.rule)

    @property
    def how_bad(self) -> Severity:
        """The severity."""
        return self.severity or self.of.severity

    @property
    def fingerprint(self) -> str:
        """Key that equal alerts share: the same trouble of the same run and year."""
        if self.of.family:
            return f"{self.of.family}|{self.run_id}|{self.attempt}"
        return f"{self.rule}|{self.run_id}|{self.year or ''}|{self.scenario or ''}"

    def to_json(self) -> str:
        """Return the alert as JSON text, for `from_json`."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> "Alert":
        """Return the alert that `to_json` wrote, without the fields that only another version has."""
        known = {each.name for each in fields(Alert)}
        return Alert(**{name: value for name, value in json.loads(text).items() if name in known})


#: The fact that the run or year had ended when a rule on its duration raised the alert.
ENDED = "Ended"


def duration_facts(setting: str, limit: float, elapsed: float) -> dict[str, str]:
    """Return the facts of an exceeded time limit; both times are in seconds."""
    return {"Setting": setting, "Limit": f"{limit:,.10g} s", "Elapsed": f"{elapsed:,.1f} s"}
