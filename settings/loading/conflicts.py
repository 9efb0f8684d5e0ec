"""Reports conflicts between settings at the layer that caused them."""

from settings.loading.layers import Layered
from settings.loading.problems import Problem, found_at
from settings.models.rules import Violation


def problem_of_violation(violation: Violation, layered: Layered) -> Problem:
    """Translate a violated relation into a problem of the latest layer that set one of its settings.

    If a scenario's value conflicts with a default, the problem names the scenario file, not the defaults.
    """
    path = tuple(violation.key.split("."))
    source, found = layered.source_of(path), found_at(layered.tree, path)
    own = layered.latest_change_of(path)
    changes = [
        change for key in violation.reads if (change := layered.latest_change_of(tuple(key.split("."))))
    ]
    cause, origin = max(changes, key=lambda change: change[1].rank)
    if own is None or own[1].rank >= origin.rank:
        return Problem(source, violation.key, found, violation.allowed)
    value = f"{violation.key} = {found}" if found is not None else violation.key
    return Problem(
        origin.source,
        ".".join(cause),
        "null" if cause in layered.removed else found_at(layered.tree, cause),
        f"conflicts with {value} ({source}), for which {violation.allowed}; set both so that they agree",
    )
