"""Which kinds of change a run uses: dbt_project/macros/changes.sql leaves the others out of the statements.

A kind that no scenario uses would be null for every employee. Leaving it out does not change the results,
but makes the statements of a year shorter, which a small run notices.
"""

from collections.abc import Iterable

from settings import Scenario
from tasks.plan.columns import MOST_CHANGES

#: Changes that every run has.
ALWAYS = ("promotion", "cola", "merit")
#: Slots for known transfers, raises and changes of FTE: as many as the macro most_known_changes says.
KNOWN = tuple(f"known_{slot}" for slot in range(1, MOST_CHANGES + 1))


def changes_in_use(scenarios: Iterable[Scenario], *, has_actions: bool = False) -> tuple[str, ...]:
    """Return the names of the kinds of change that any of the scenarios uses.

    Args:
        scenarios: The scenarios with their settings.
        has_actions: Whether there are known actions that the settings do not name.
    """
    every = [scenario.settings for scenario in scenarios]
    return (
        *ALWAYS,
        *(("transfer",) if any(settings.workforce.transfer for settings in every) else ()),
        *(("adjustment",) if any(settings.compensation.enforce_minimum for settings in every) else ()),
        *(KNOWN if has_actions or any(settings.plan.actions for settings in every) else ()),
    )
