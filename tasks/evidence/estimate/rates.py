"""The rates that a history shows: exits by cause, promotion, transfer."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from settings import Settings
from settings.models.workforce import REDUCTION
from tasks.evidence.estimate.credibility import Attribute, RateFit, fit_rate
from tasks.evidence.estimate.exposure import Array, Exposure, exits, moves
from tasks.evidence.estimate.in_force import bands_in_force, prior_exit_rate
from tasks.evidence.estimate.selection import banded, find_bands, helpful, named
from tasks.evidence.estimate.year_effect import YearEffect, year_effect
from tasks.history.accepted import History

#: The cause of all exits where reasons are not given.
ONLY_CAUSE = "voluntary"
#: The cause of exits without a reason where others have one, and of rare reasons.
OTHER_CAUSE = "other"
FEWEST_EXITS_OF_CAUSE = 20
FEWEST_MOVES = 10
#: Rates before anything is known (probability per year), held by the weight of two events.
PRIOR_OF_PROMOTION, PRIOR_OF_TRANSFER = 0.08, 0.02


@dataclass(frozen=True)
class Rate:
    """A fitted rate and its movement from year to year."""

    fitted: RateFit
    effect: YearEffect

    @property
    def base_now(self) -> float:
        """The base at the level of the present, after the last window."""
        return min(self.fitted.base * float(np.exp(self.effect.level)), 1.0)

    @classmethod
    def of(cls, exposure: Exposure, attributes: Sequence[Attribute], prior_rate: float) -> "Rate":
        """Fit factors and year effect of a rate."""
        fitted = fit_rate(exposure, attributes, prior_rate)
        present = np.bincount(exposure.windows, minlength=fitted.windows) > 0
        # the base is held near the rate before the fit; that must not be taken for a movement of the level
        with_years = fitted.expected_by_window * np.exp(fitted.year_logs)
        scale = fitted.events_by_window.sum() / max(with_years.sum(), 1e-12)
        effect = year_effect(
            fitted.events_by_window[present],
            fitted.expected_by_window[present] * scale,
            fitted.variance_by_window[present],
            exposure.window_years[present],
        )
        return cls(fitted, effect)


@dataclass(frozen=True)
class Terminations:
    """Exits: all of them, and each cause."""

    total: Rate
    causes: Mapping[str, Rate]
    reasons: Mapping[str, tuple[str | None, ...]]  # cause -> its reasons in the history
    bands: Mapping[str, Sequence[int]]
    names: Sequence[str]  # level and dimensions that help to predict

    @property
    def attributes(self) -> Sequence[str]:
        """Age, tenure and what else has factors."""
        return (*self.bands, *self.names)


def terminations(history: History, settings: Settings, *, keep_bands: bool = False) -> Terminations:
    """Fit the exits of the opening workforce. Bands are those of the settings with `keep_bands`."""
    every = exits(history)
    in_force, prior = bands_in_force(settings), prior_exit_rate(settings)
    bands: Mapping[str, Sequence[int]] = {
        name: bounds for name, bounds in in_force.items() if name in every.attributes
    }
    if not keep_bands:
        bands = find_bands(every, in_force, prior)
    candidates = [name for name in every.attributes if name not in bands]
    names = helpful(every, candidates, bands, prior)
    if names and not keep_bands:
        bands = find_bands(every, bands, prior, named(every, names))
    attributes = [*banded(bands), *named(every, names)]
    total = Rate.of(every, attributes, prior)
    reasons = causes_of(history)
    if len(reasons) == 1:
        return Terminations(total, {next(iter(reasons)): total}, reasons, bands, names)
    of_cause = {cause: exits(history, its) for cause, its in reasons.items()}
    counts = {cause: float(exposure.events.sum()) for cause, exposure in of_cause.items()}
    causes = {
        cause: Rate.of(exposure, attributes, prior * max(counts[cause], 1.0) / max(sum(counts.values()), 1.0))
        for cause, exposure in of_cause.items()
    }
    return Terminations(total, causes, reasons, bands, names)


def causes_of(history: History) -> dict[str, tuple[str | None, ...]]:
    """Return the causes and their reasons in the history, most exits first; one cause without reasons."""
    counted = history.leavers.filter(~pl.col("excluded"))
    counts = counted.group_by("reason").len().sort(["len", "reason"], descending=[True, False])
    if "reason" not in history.columns or counts["reason"].drop_nulls().is_empty():
        return {ONLY_CAUSE: tuple(counts["reason"].to_list()) or (None,)}
    causes: dict[str, tuple[str | None, ...]] = {}
    for reason, number in counts.iter_rows():
        rare = reason is None or number < FEWEST_EXITS_OF_CAUSE
        cause = OTHER_CAUSE if rare else cause_name(reason)
        causes[cause] = (*causes.get(cause, ()), reason)
    return causes


def cause_name(reason: str) -> str:
    """Return a reason as the name of a cause: lower-case letters, digits and _.

    >>> cause_name("End of contract")
    'end_of_contract'
    """
    name = re.sub(r"[^a-z0-9]+", "_", reason.lower()).strip("_")[:40]
    if not name or not name[0].isalpha():
        name = f"cause_{name}".strip("_")[:40]
    return f"{name}_exit" if name == REDUCTION else name


def promotions(history: History, found: Terminations) -> Rate | None:
    """Fit rises in level among those who stay; None without levels, or with too few rises."""
    if "level" not in history.columns:
        return None
    top = history.people["level"].max()
    if top is None:
        return None
    rises = moves(
        history,
        pl.col("level_after") > pl.col("level"),
        (pl.col("level") < int(str(top))) & pl.col("level_after").is_not_null(),
    )
    return _of_moves(rises, found, PRIOR_OF_PROMOTION)


def transfers(history: History, found: Terminations, by: str) -> Rate | None:
    """Fit changes of a dimension among those who stay; None with too few changes."""
    if by not in history.dimensions:
        return None
    both_known = pl.col(by).is_not_null() & pl.col(f"{by}_after").is_not_null()
    changes = moves(history, pl.col(f"{by}_after") != pl.col(by), both_known)
    return _of_moves(changes, found, PRIOR_OF_TRANSFER)


def _of_moves(exposure: Exposure, found: Terminations, prior: float) -> Rate | None:
    """Fit moves with the bands of exits, since the settings have one set of bands for all rates."""
    if exposure.events.sum() < FEWEST_MOVES:
        return None
    candidates = [name for name in exposure.attributes if name not in found.bands]
    names = helpful(exposure, candidates, found.bands, prior)
    return Rate.of(exposure, [*banded(found.bands), *named(exposure, names)], prior)


def expected_rate(rate: Rate, cells: pl.DataFrame) -> float:
    """Return the expected events in a year among the people of cells (column exposed), as a share."""
    people = cells["exposed"].to_numpy().astype(float)
    yearly: Array = np.minimum(rate.fitted.rates_of(cells) * np.exp(rate.effect.level), 1.0)
    return float((people * yearly).sum() / people.sum()) if people.sum() > 0 else 0.0
