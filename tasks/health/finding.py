"""A finding of `workforce health`."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """The result of one check: what was observed, what is expected, and what to do."""

    check: str
    status: Literal["ok", "wrong"]
    observed: str
    expected: str
    advice: str = ""


def judged(check: str, is_ok: bool, observed: str, expected: str, advice: str) -> Finding:
    """Return a finding; it has the advice only if the check failed."""
    if is_ok:
        return Finding(check, "ok", observed, expected)
    return Finding(check, "wrong", observed, expected, advice)
