"""One thing that `workforce health` looked at."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """What was seen, what is expected, and what to do."""

    check: str
    status: Literal["ok", "wrong"]
    observed: str
    expected: str
    advice: str = ""


def judged(check: str, is_ok: bool, observed: str, expected: str, advice: str) -> Finding:
    """A finding, with advice where something is wrong."""
    if is_ok:
        return Finding(check, "ok", observed, expected)
    return Finding(check, "wrong", observed, expected, advice)
