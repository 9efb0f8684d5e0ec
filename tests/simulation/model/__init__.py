"""The semantics of docs/models.md in plain Python, Decimal and Fraction, independent of the SQL.

Slow and literal on purpose: a reader can hold each function against a sentence of the documentation.
`simulate_path` simulates a company; other tests compare single functions.
"""

from tests.simulation.model.arithmetic import (
    CENT,
    Quotas,
    band,
    completed_years,
    draw,
    largest_remainder,
    prorated,
    quotas,
    race_time,
    round_half_up,
    scale_to_target,
    to_cents,
)
from tests.simulation.model.hazards import Hazards, hazards
from tests.simulation.model.people import Action, Employee, Event, State
from tests.simulation.model.simulation import Company, Year, simulate_path

__all__ = [
    "CENT",
    "Action",
    "Company",
    "Employee",
    "Event",
    "Hazards",
    "Quotas",
    "State",
    "Year",
    "band",
    "completed_years",
    "draw",
    "hazards",
    "largest_remainder",
    "prorated",
    "quotas",
    "race_time",
    "round_half_up",
    "scale_to_target",
    "simulate_path",
    "to_cents",
]
