"""An alert: a rule, the run it is about, and the facts."""

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from tasks.alerts.rules import Rule, Severity, rule_named


@dataclass(frozen=True)
class Alert:
    """Something that somebody should know."""

    rule: str
    run_id: str
    year: int | None = None
    scenario: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)  # in the order in which messages have them
    since: float = field(default_factory=time.time)  # seconds of the epoch: when the trouble began
    link: str | None = None
    severity: Severity | None = None  # None: the rule's
    attempt: str = ""  # which attempt at the run: one that goes on may fail again
    source: str | None = None  # the resource of a Prefect server that the rule fired for
    command: str | None = None  # the line that goes on with the run, to be pasted
    begun: bool = True  # whether the run came as far as a run directory
    id: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def of(self) -> Rule:
        """The rule."""
        return rule_named(self.rule)

    @property
    def how_bad(self) -> Severity:
        """The severity."""
        return self.severity or self.of.severity

    @property
    def fingerprint(self) -> str:
        """What equal alerts share: the same trouble of the same run and year."""
        if self.of.family:
            return f"{self.of.family}|{self.run_id}|{self.attempt}"
        return f"{self.rule}|{self.run_id}|{self.year or ''}|{self.scenario or ''}"

    def to_json(self) -> str:
        """The alert as text; `from_json` reads it back."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> "Alert":
        """Read what `to_json` wrote."""
        return Alert(**json.loads(text))


def duration_facts(setting: str, limit: float, elapsed: float) -> dict[str, str]:
    """The facts of a breach of a time limit."""
    return {"Setting": setting, "Limit": f"{limit:,.10g} s", "Elapsed": f"{elapsed:,.1f} s"}
