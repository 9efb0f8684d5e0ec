"""The direct forecast beside the simulation, as a table for the terminal."""

from collections.abc import Sequence

import numpy as np

from tasks.evidence.backtest.simulated import Agreement
from tasks.evidence.estimate.exposure import Array
from tasks.text.tables import TextTable


def simulation_table(both: Sequence[Agreement]) -> TextTable:
    """Return exits by year: mean and 90 % band of both computations, and whether they agree."""
    table = TextTable("Exits from the newest list on: computed directly and simulated", name="simulation")
    table.add_column("Year", "key")
    table.add_column("Direct", "number")
    table.add_column("90 % band", "number")
    table.add_column("Simulated", "number")
    table.add_column("90 % band", "number")
    table.add_column("", "text")
    for each in both:
        table.add_row(
            str(each.year),
            f"{each.direct.mean():,.1f}",
            _band(each.direct),
            f"{each.simulated.mean():,.1f}",
            _band(each.simulated),
            "agree" if each.agrees else "differ",
            values={
                "simulation_year": each.year,
                **_record("direct", each.direct),
                **_record("simulated", each.simulated),
                "agrees": bool(each.agrees),
            },
        )
    return table


def _record(name: str, draws: Array) -> dict[str, float]:
    low, high = _ends(draws)
    return {f"{name}_mean": float(draws.mean()), f"{name}_p05": low, f"{name}_p95": high}


def _ends(draws: Array) -> tuple[float, float]:
    low, high = np.quantile(draws, (0.05, 0.95))
    return float(low), float(high)


def _band(draws: Array) -> str:
    low, high = _ends(draws)
    return f"{low:,.0f} to {high:,.0f}"
