"""Estimate everything that a history can show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from settings import Settings
from tasks.evidence.estimate.estimate import Estimate, Z
from tasks.evidence.estimate.exposure import attributes_of, opening_people
from tasks.evidence.estimate.joiners import Joiners, joiners_of
from tasks.evidence.estimate.raises import Raises, raises_of
from tasks.evidence.estimate.rates import (
    Rate,
    Terminations,
    expected_rate,
    promotions,
    terminations,
    transfers,
)
from tasks.history.accepted import History


@dataclass(frozen=True)
class Fitted:
    """What a history shows of the assumptions of a simulation."""

    history: History
    terminations: Terminations
    total_rate: Estimate  # exits expected in the year after the newest list, as a share of its people
    promotion: Rate | None
    transfer: Rate | None
    transfer_by: str | None
    raises: Raises | None
    joiners: Joiners
    newest: pl.DataFrame  # cells of the newest list, with column exposed

    @property
    def until(self) -> date:
        """The date of the newest list."""
        return self.history.dates[-1]


def fit(history: History, settings: Settings, *, keep_bands: bool = False, with_moves: bool = True) -> Fitted:
    """Estimate rates, raises and hires from a history of two lists or more.

    Without `with_moves`, promotions and transfers are left out, which take half of the time.
    """
    found = terminations(history, settings, keep_bands=keep_bands)
    raises = raises_of(history)
    by = transfer_dimension(history.dimensions, settings)
    growth = (1 + raises.cola.value) * (1 + raises.merit.value) - 1 if raises else 0.0
    newest = newest_cells(history)
    return Fitted(
        history,
        found,
        _total_rate(found.total, newest),
        promotions(history, found) if with_moves else None,
        transfers(history, found, by) if by and with_moves else None,
        by,
        raises,
        joiners_of(history, growth, _left_before(settings), settings.simulation.calendar),
        newest,
    )


def _left_before(settings: Settings) -> float:
    """Return the share of hires who leave in the hire year, in the settings; bounded for use as a prior."""
    rate = settings.workforce.new_hire_termination_rate.at(settings.simulation.start_year)
    return min(max(float(rate), 0.01), 0.9)


def transfer_dimension(dimensions: Sequence[str], settings: Settings) -> str | None:
    """Return the dimension of transfers: that of the settings, else the first of the history."""
    chosen = settings.workforce.transfer
    if chosen and chosen.by in dimensions:
        return chosen.by
    return dimensions[0] if dimensions else None


def newest_cells(history: History) -> pl.DataFrame:
    """Return the people of the newest list by age, tenure, level and dimensions, with column `exposed`."""
    people = opening_people(history).filter(pl.col("list") == history.windows)
    attributes = attributes_of(history)
    return (
        people.group_by(attributes)
        .agg(pl.len().cast(pl.Float64).alias("exposed"))
        .sort(attributes, nulls_last=True)
    )


def _total_rate(total: Rate, newest: pl.DataFrame) -> Estimate:
    """Return the rate of the coming year; its interval holds parameters and year effect, not chance."""
    value = expected_rate(total, newest)
    spread = float(np.sqrt(total.effect.level_deviation**2 + total.effect.size**2))
    fitted = total.fitted
    return Estimate(
        value,
        value * float(np.exp(-Z * spread)),
        min(value * float(np.exp(Z * spread)), 1.0),
        float(fitted.exposure.events.sum()),
        float(fitted.exposure.person_years.sum()),
    )
