"""The assumptions that a replicate drew, read from the published rows (fct_drawn_assumptions).

The formulas of int_parameters, for the explanation of an employee's year.
"""

import math
from collections.abc import Mapping
from typing import Any

import duckdb

from tasks.runs.record import RunRecord
from tasks.system.queries import query_rows, read_query

TABLE = "fct_drawn_assumptions"

#: Rates with a year effect under another name: all terminations move together, raises are the increase.
_YEAR_EFFECT = {"total_termination": "termination", "cola": "raises"}


def create_drawn(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the table `drawn` from the published rows; empty where assumptions are certain.

    Runs of earlier versions have no such rows.
    """
    views = {name for (name,) in connection.execute("select view_name from duckdb_views()").fetchall()}
    rows = "drawn_assumptions" if TABLE in views else "no_drawn_assumptions"
    connection.execute("drop table if exists drawn")
    connection.sql(read_query(__package__, rows)).create("drawn")


class DrawnRates:
    """The effects on the rates of one replicate and year, as added to their logarithms.

    Args:
        connection: After `create_drawn`.
        replicate: The replicate.
        year: The year.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, replicate: int, year: int) -> None:
        found = query_rows(
            connection, read_query(__package__, "drawn_rates"), {"replicate": replicate, "year": year}
        )
        self._effects: Mapping[tuple[str, str], float] = {
            (row["source"], row["rate"]): row["log_effect"] for row in found
        }

    def share(self, rate: str, share: Any, most: float = 1.0) -> float:
        """Return a share of the settings as drawn: total_termination, or new_hire_termination."""
        effect = self._effect(rate)
        if effect == 0:
            return float(share)
        return round(min(max(most, 0.0), float(share) * math.exp(effect)), 12)

    def new_hire_rate(self, share: Any) -> float:
        """Return the new-hire termination rate as drawn; its bound keeps the number of hires finite."""
        return self.share("new_hire_termination", share, max(0.95, float(share)))

    def cola(self, rate: Any) -> float:
        """Return the general increase as drawn, a share of pay."""
        effect, given = self._effect("cola"), float(rate)
        if effect == 0:
            return given
        return round(min(1.0, max(min(0.0, given), (1 + given) * math.exp(effect) - 1)), 6)

    def _effect(self, rate: str) -> float:
        year = self._effects.get(("years", _YEAR_EFFECT.get(rate, rate)), 0.0)
        return self._effects.get(("parameters", rate), 0.0) + year


def has_own_draws(settings: Mapping[str, Any]) -> bool:
    """Return whether the people of each replicate have draws of their own (simulation.vary)."""
    return "chance" in settings["simulation"].get("vary", ["chance"])  # earlier versions did not record it


def what_differs_between_replicates(record: RunRecord) -> str:
    """Return a sentence on what the bands of a run contain: chance alone, or uncertain assumptions too."""
    uncertainty = record.uncertainty
    # earlier versions recorded neither
    vary = record.settings["simulation"].get("vary", ["chance"])
    names = {"chance": "chance per person", "parameters": "parameters", "years": "year effects"}
    found = [names[source] for source in names if source in vary and (source == "chance" or uncertainty)]
    if not found:
        return "Nothing differs between replicates (simulation.vary)."
    if uncertainty is None or found == [names["chance"]]:
        return f"Replicates differ by {found[0]} only; the assumptions are taken as certain."
    listed = " and ".join(filter(None, (", ".join(found[:-1]), found[-1])))
    estimated = f"as estimated from history until {uncertainty.until}"
    return f"Replicates differ by {listed}, {estimated}."
