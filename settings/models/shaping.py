"""Defines which settings shape the results of a run, and which do not.

A setting shapes results if another value of it may change a row of the simulation's tables. The other
settings concern the machine, alerts and the severity of findings, and never change results. All code that
needs this distinction uses this module: the settings' hash in run.json, the settings that may change in a
resume, the search for a finished run, the earlier runs used for comparison, the report's assumptions, and
the settings that a scenario may change.

Settings are one of three inputs of a run; `Inputs` in tasks/runs/record.py has all of them.
"""

from collections.abc import Mapping
from enum import Enum
from functools import lru_cache


class Shapes(Enum):
    """What the settings of a section shape."""

    STAFF = "who is employed when, at which level and for what pay"
    COST = "what employees cost beyond their pay, which changes nothing about the staff"
    OPENING = "how the census is read; the validated census has a separate hash"
    NOTHING = "how a run is done, watched, judged, compared and deployed, and where assumptions come from"


#: Every section of the settings, in their order.
SECTIONS: Mapping[str, Shapes] = {
    "simulation": Shapes.STAFF,
    "workforce": Shapes.STAFF,
    "compensation": Shapes.STAFF,
    "hiring": Shapes.STAFF,
    "targets": Shapes.STAFF,
    "plan": Shapes.STAFF,
    "cost": Shapes.COST,
    "census": Shapes.OPENING,
    "company": Shapes.NOTHING,
    "history": Shapes.NOTHING,
    "goals": Shapes.NOTHING,
    "budget": Shapes.NOTHING,
    "reforecast": Shapes.NOTHING,
    "checks": Shapes.NOTHING,
    "sla": Shapes.NOTHING,
    "alerts": Shapes.NOTHING,
    "machine": Shapes.NOTHING,
    "dbt": Shapes.NOTHING,
    "ensemble": Shapes.NOTHING,
    "deployment": Shapes.NOTHING,
}
#: Keys of sections that shape results which by themselves shape nothing: a census, a plan and an uncertainty
#: count by their content, wherever they lie, and limits only refuse settings.
EXCEPTIONS = ("simulation.limits", "simulation.uncertainty", "census.path", "plan.actions")
#: Keys that choose how many years and which draws of the same model are simulated: they shape the results,
#: but not their distribution in a year.
SAMPLE = (
    "simulation.end_year",
    "simulation.random_seed",
    "simulation.replicates",
    "simulation.first_replicate",
)

STAFF_SECTIONS = tuple(name for name, what in SECTIONS.items() if what is Shapes.STAFF)
#: The model's sections: a scenario may change them, and they are in the settings' hash as a whole.
MODEL_SECTIONS = tuple(name for name, what in SECTIONS.items() if what in (Shapes.STAFF, Shapes.COST))
#: The sections that are a run's assumptions.
SHAPING_SECTIONS = tuple(name for name, what in SECTIONS.items() if what is not Shapes.NOTHING)
#: Sections that change no row, but what a run's report says.
REPORTED_SECTIONS = ("company", "goals", "budget")
#: Keys that belong to the run and not to the model: a scenario may not override them.
RUN_KEYS = (
    "simulation.start_year",
    "simulation.fiscal_year_start",
    "simulation.opening_date",
    *SAMPLE,
    "simulation.uncertainty",
    "simulation.vary",
    "simulation.limits",
    *(name for name in SECTIONS if name not in MODEL_SECTIONS),
)


def shapes_results(key: str) -> bool:
    """Return whether a setting shapes results, by its dotted key.

    A key of an unknown section counts as shaping them.
    """
    section = SECTIONS.get(key.partition(".")[0])
    return section is not Shapes.NOTHING and not _is_among(key, EXCEPTIONS)


@lru_cache(maxsize=1000)  # called for every setting of hundreds of runs
def shapes_staff(key: str) -> bool:
    """Return whether a setting shapes the distribution of a year's staff; the seed does not."""
    section = SECTIONS.get(key.partition(".")[0])
    return section is Shapes.STAFF and shapes_results(key) and not _is_among(key, SAMPLE)


def _is_among(key: str, keys: tuple[str, ...]) -> bool:
    """Return whether a key is one of `keys`, or below one of them."""
    return any(f"{key}.".startswith(f"{one}.") for one in keys)
