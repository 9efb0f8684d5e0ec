"""Events of employees as phrases."""

from collections.abc import Mapping, Sequence
from typing import Any

from tasks.text.money import Money

#: Names of raises, by event type.
_RAISES = {
    "cola": "COLA",
    "merit": "merit",
    "raise": "raise",
    "adjustment": "adjustment to the level's minimum",
}


def described(event: Mapping[str, Any], money: Money, dimensions: Sequence[str]) -> str:
    """Return an event as a phrase, as in `promotion to level 3: 80,000.00 → 95,000.00 (+18.8%)`."""
    match event["event_type"]:
        case "hire":
            part = part_time(event["fte_after"])
            return f"hired at {money.to_the_cent(event['salary_after'])}{part}"
        case "termination":
            reason, cause = event["event_reason"], event["cause"]
            return f"leaves ({reason.replace('_', ' ')}{'' if cause == reason else f', cause {cause}'})"
        case "transfer":
            return f"transfer: {moved(event, dimensions)}"
        case "promotion":
            name = f"promotion to level {event['level_after']}"
        case "fte":
            name = f"FTE {float(event['fte_before']):.6g} → {float(event['fte_after']):.6g}"
        case kind:
            name = _RAISES[kind]
    before, after = event["salary_before"], event["salary_after"]
    change = f" ({after / before - 1:+.1%})" if before else ""
    return f"{name}: {money.to_the_cent(before)} → {money.to_the_cent(after)}{change}"


def moved(event: Mapping[str, Any], dimensions: Sequence[str]) -> str:
    """Return the dimensions that a transfer changes, with their values before and after."""
    changes = [(name, event[f"{name}_before"], event[f"{name}_after"]) for name in dimensions]
    return (
        ", ".join(
            f"{name} {before or '(none)'} → {after or '(none)'}"
            for name, before, after in changes
            if before != after
        )
        or "to the same place"
    )


def part_time(fte: Any) -> str:
    """Return `, FTE 0.8` for part-time work, else an empty text."""
    return f", FTE {float(fte):.6g}" if fte != 1 else ""
