"""An uncertainty of the default settings, and simulations in memory with it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from settings.models.uncertainty import Uncertainty
from tasks.runs.request import RunRequest, accept
from tasks.simulation.in_memory import simulate
from tests.simulation.in_memory import WANTED, database

DRAWN = "fct_drawn_assumptions"

#: Bases, factors and rates that are one number, with their standard deviations (log).
PARAMETERS: tuple[tuple[dict[str, str], float], ...] = (
    ({"rate": "termination", "cause": "voluntary"}, 0.1),
    ({"rate": "termination", "cause": "voluntary", "attribute": "age", "value": "25-34"}, 0.2),
    ({"rate": "termination", "cause": "voluntary", "attribute": "department", "value": "Sales"}, 0.15),
    ({"rate": "promotion"}, 0.2),
    ({"rate": "total_termination"}, 0.1),
    ({"rate": "new_hire_termination"}, 0.1),
    ({"rate": "cola"}, 0.005),
    ({"rate": "merit"}, 0.004),
)
CORRELATION = 0.3
SCALES = [
    {"probability": 0.25, "level_mean": 0.1, "level_sd": 0.05, "walk_sd": 0.05, "independent_sd": 0.1},
    {"probability": 0.75, "level_mean": 0.0, "level_sd": 0.1, "walk_sd": 0.1, "independent_sd": 0.2},
]
RAISES = [
    {"probability": 1.0, "level_mean": 0.0, "level_sd": 0.002, "walk_sd": 0.002, "independent_sd": 0.005}
]


def document(**changed: Any) -> dict[str, Any]:
    """The content of uncertainty.json with some keys changed."""
    deviations = [deviation for _, deviation in PARAMETERS]
    return {
        "format": 1,
        "history": {"sha256": "0" * 64, "until": "2024-12-31", "lists": 5},
        "parameters": [parameter for parameter, _ in PARAMETERS],
        "covariance": [
            [one * other * (1 if row == column else CORRELATION) for column, other in enumerate(deviations)]
            for row, one in enumerate(deviations)
        ],
        "year_effects": [
            {"rate": "termination", "scales": SCALES},
            {"rate": "promotion", "scales": SCALES},
            {"rate": "raises", "scales": RAISES},
        ],
        **changed,
    }


def uncertainty(**changed: Any) -> Uncertainty:
    """The document, validated."""
    return Uncertainty.model_validate_json(json.dumps(document(**changed)))


def rows_of(
    tables: Sequence[str],
    *,
    uncertain: Uncertainty | None,
    sets: Sequence[str] = (),
    scenarios: Sequence[Path] = (),
    census: Path | None = None,
) -> dict[str, pl.DataFrame]:
    """Simulate in memory and return the rows of tables, sorted. Nobody is simulated for the draws alone."""
    wanted = (DRAWN,) if list(tables) == [DRAWN] else (*WANTED, DRAWN)
    accepted = accept(RunRequest(census=census, sets=tuple(sets), scenarios=tuple(scenarios)))
    with simulate(
        accepted.settings.scenarios, accepted.census, database(), None, wanted, uncertain
    ) as connection:
        return {table: connection.sql(f"select * from {table} order by all").pl() for table in tables}
