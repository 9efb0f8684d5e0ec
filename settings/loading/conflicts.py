"""Reports conflicts between settings at the layer that caused them."""

from collections.abc import Iterator

from settings.loading.catalog import key_path
from settings.loading.layers import Layered
from settings.loading.problems import Problem, found_at
from settings.models.rules import Violation
from settings.models.workforce import band_labels


def problem_of_violation(violation: Violation, layered: Layered) -> Problem:
    """Translate a violated relation into a problem of the latest layer that set one of its settings.

    If a scenario's value conflicts with a default, the problem names the scenario file, not the defaults.
    """
    path = key_path(violation.key)
    source, found = layered.source_of(path), found_at(layered.tree, path)
    own = layered.latest_change_of(path)
    changes = [change for key in violation.reads if (change := layered.latest_change_of(key_path(key)))]
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


def outdated_factors(layered: Layered) -> Iterator[Problem]:
    """Yield a problem for each change of bands after which no layer states the factors anew."""
    for bands in dict.fromkeys(layered.outdated.values()):
        path = ("workforce", bands)
        try:
            labels = band_labels([int(bound) for bound in layered.tree["workforce"][bands]])
        except (ValueError, TypeError, IndexError):  # the bounds themselves are wrong, which is reported
            continue
        keys = [".".join(key) for key, changed in layered.outdated.items() if changed == bands]
        yield Problem(
            layered.source_of(path),
            ".".join(path),
            found_at(layered.tree, path),
            f"factors for these bands are expected too, because other bands remove the old factors; set "
            f"{' and '.join(keys)} by band ({', '.join(labels)}), or to {{}} for none",
        )
