"""Exits, headcount and payroll of the windows after a list, computed directly from a fit.

The opening workforce is a number of people in each cell of age, tenure and other attributes. In each window
every cell loses people by its probability, ages, and is joined by hires like those of the past, as many as
the growth of the past asks for. This is done for many draws of the parameters, of the year effect and of
growth at once; chance per person is drawn at the end. The simulation does the same person by person.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy.sparse import csr_array

from tasks.evidence.backtest.movements import Movements
from tasks.evidence.estimate.exposure import HIGHEST_YEARS, Array, Index, probability_in
from tasks.evidence.estimate.fit import Fitted
from tasks.evidence.estimate.level import without_level

DRAWS = 1000
#: With more cells than this, fewer draws are made, so that memory stays within some hundred megabytes.
MOST_NUMBERS = 8_000_000
FEWEST_DRAWS = 400

#: A part of the company: (dimension, value); (None, None) is all of it.
Part = tuple[str | None, str | None]
WHOLE: Part = (None, None)


@dataclass(frozen=True)
class Forecast:
    """Draws of a figure of a window, by part of the company: figure -> part -> draws."""

    exits: Mapping[Part, Array]
    headcount: Mapping[Part, Array]  # at the end of the window
    payroll: Mapping[Part, Array]  # annual, at the end of the window; empty without pay


@dataclass(frozen=True)
class _People:
    """People and their pay in cells, by draw (cells x draws)."""

    cells: pl.DataFrame
    number: Array
    pay: Array


def forecast(
    fitted: Fitted, movements: Movements, window_years: Sequence[float], by: Sequence[str], seed: int
) -> list[Forecast]:
    """Forecast the windows after the newest list, each of the given length (years).

    `by` are dimensions whose values are parts of the company; `movements` describes growth, hires and pay.
    """
    # a generator each: what is drawn does not depend on the number of windows or of parts
    sources = np.random.SeedSequence(seed).spawn(6)
    of_rates, of_years, of_growth, of_raises, chance, of_parts = map(np.random.default_rng, sources)
    people = _opening(fitted, movements, by)
    size = len(people.cells) + len(movements.hires)
    draws = int(np.clip(MOST_NUMBERS // max(size, 1), FEWEST_DRAWS, DRAWS))
    people = replace(
        people, number=np.repeat(people.number, draws, axis=1), pay=np.repeat(people.pay, draws, axis=1)
    )
    rate = _RateDraws(fitted, draws, of_rates)
    effects = fitted.terminations.total.effect.draws(window_years, draws, of_years)
    growth = movements.growth.draws(len(window_years), draws, of_growth)
    raises = movements.stayers_pay.draws(len(window_years), draws, of_raises)
    found: list[Forecast] = []
    drift: dict[Part, Array] = {}
    for window, years in enumerate(window_years):
        leave = probability_in(rate.yearly(people.cells, effects[window]), np.asarray(years))
        exits = _exits(people, leave, by, movements.part_spread, chance, of_parts)
        left = exits[WHOLE]
        stay = people.number * (1 - leave)
        # the number who stay is known once chance is drawn; it is spread over cells as expected
        stay *= (people.number.sum(axis=0) - left) / np.maximum(stay.sum(axis=0), 1e-9)
        pay = np.divide(people.pay, people.number, out=np.zeros_like(stay), where=people.number > 0) * stay
        target = people.number.sum(axis=0) * np.exp(growth[window] * years)
        hires = np.maximum(target - stay.sum(axis=0), 0.0)
        hire_pay = movements.hire_pay * people.pay.sum(axis=0) / np.maximum(people.number.sum(axis=0), 1e-9)
        stayers = _aged(replace(people, number=stay, pay=pay * np.exp(raises[window] * years)), years)
        hire_pay = hire_pay * np.exp(raises[window] * years)
        people = _joined(stayers, movements.hires, hires, hire_pay)
        headcount = dict(_sums(people.cells, people.number, by))
        for part in [part for part in headcount if part != WHOLE]:
            step = _drift(part, headcount[part], exits.get(part), movements, float(years), of_parts)
            drift[part] = drift.get(part, 0.0) + step
        payroll = dict(_sums(people.cells, people.pay, by)) if movements.hire_pay > 0 else {}
        found.append(Forecast(exits, _drifted(headcount, drift), _drifted(payroll, drift)))
    return found


def _drift(
    part: Part,
    headcount: Array,
    exits: Array | None,
    movements: Movements,
    years: float,
    generator: np.random.Generator,
) -> Array:
    """Return how far a part's log headcount departs in a window from its share in the company's.

    By chance, since cells lose and gain people as expected here: exits, and as many hires; and because
    parts grow apart, as they did in the past.
    """
    moved = 2 * (exits if exits is not None else np.zeros_like(headcount))
    chance = moved / np.maximum(headcount, 1.0) ** 2
    growth = movements.part_growth_spread[str(part[0])] ** 2 * years
    return np.asarray(np.sqrt(chance + growth) * generator.standard_normal(len(headcount)))


def _drifted(sums: dict[Part, Array], drift: Mapping[Part, Array]) -> dict[Part, Array]:
    return {part: values * np.exp(drift[part]) if part in drift else values for part, values in sums.items()}


class _RateDraws:
    """Draws of the parameters of the total exit rate."""

    def __init__(self, fitted: Fitted, draws: int, generator: np.random.Generator) -> None:
        self.fit = fitted.terminations.total.fitted
        offsets, size = self.fit.offsets
        root = np.linalg.cholesky(without_level(self.fit) + 1e-12 * np.eye(size))
        self.deviations = root @ generator.standard_normal((size, draws))
        self.offsets = offsets

    def yearly(self, cells: pl.DataFrame, effects: Array) -> Array:
        """Return the probability per year of each cell and draw."""
        logs = self.deviations[0][None, :] + effects[None, :] + np.log(self.fit.base)
        logs = np.repeat(logs, len(cells), axis=0)
        for attribute in self.fit.attributes:
            start = self.offsets[attribute.name]
            values = np.log(np.maximum(self.fit.factors[attribute.name], 1e-12))[:, None]
            values = values + self.deviations[start : start + len(attribute.values)]
            logs += np.vstack([values, np.zeros(values.shape[1])])[attribute.codes(cells)]
        return np.asarray(np.minimum(np.exp(logs), 1.0), dtype=np.float64)


def _opening(fitted: Fitted, movements: Movements, by: Sequence[str]) -> _People:
    keys = movements.keys(fitted, by)
    cells = (
        movements.opening.group_by(keys)
        .agg(pl.col("people").sum(), pl.col("pay").sum())
        .sort(keys, nulls_last=True)
    )
    return _People(
        cells.select(keys),
        cells["people"].to_numpy().astype(float)[:, None],
        cells["pay"].to_numpy().astype(float)[:, None],
    )


def _exits(
    people: _People,
    leave: Array,
    by: Sequence[str],
    spread: Mapping[str, float],
    chance: np.random.Generator,
    of_parts: np.random.Generator,
) -> dict[Part, Array]:
    """Draw the exits of each part: a binomial with the mean and variance of the people's probabilities."""
    mean, variance = people.number * leave, people.number * leave * (1 - leave)
    variances = dict(_sums(people.cells, variance, by))
    heads = dict(_sums(people.cells, people.number, by))
    found = {}
    for part, expected in _sums(people.cells, mean, by):
        scattered = expected
        if part != WHOLE:
            scatter = np.exp(spread[str(part[0])] * of_parts.standard_normal(len(expected)))
            scattered = np.minimum(expected * scatter, heads[part])
        ratio = np.divide(scattered, expected, out=np.ones_like(expected), where=expected > 0)
        source = chance if part == WHOLE else of_parts
        found[part] = _binomial(scattered, variances[part] * ratio, source)
    return found


def _binomial(mean: Array, variance: Array, generator: np.random.Generator) -> Array:
    gap = np.maximum(mean - variance, 1e-9)
    trials = np.clip(np.ceil(mean**2 / gap), 1, 1e12)
    return generator.binomial(trials.astype(np.int64), np.clip(mean / trials, 0, 1)).astype(float)


def _aged(people: _People, years: float) -> _People:
    """Let time pass: of a window of 1.3 years, 70 % of a cell become one year older and 30 % two."""
    whole = int(np.floor(years))
    later = years - whole
    parts = [(whole, 1 - later), (whole + 1, later)] if later > 0 else [(whole, 1.0)]
    rows = pl.concat(
        [
            people.cells.with_columns(
                (pl.col(name) + step).clip(0, HIGHEST_YEARS)
                for name in ("age", "tenure")
                if name in people.cells.columns
            )
            for step, _ in parts
        ]
    )
    cells, codes = _distinct(rows)
    size = len(people.cells)
    weights = np.repeat([part for _, part in parts], size)
    source = np.tile(np.arange(size), len(parts))
    move = csr_array((weights, (codes, source)), shape=(len(cells), size))
    return _People(cells, move @ people.number, move @ people.pay)


def _joined(people: _People, hires: pl.DataFrame, number: Array, pay: Array) -> _People:
    """Add hires (number and average pay by draw), spread over cells by the column share of `hires`."""
    keys = people.cells.columns
    like = hires.group_by(keys).agg(pl.col("share").sum()).sort(keys, nulls_last=True)
    cells, codes = _distinct(pl.concat([people.cells, like.select(keys)]))
    before, added = len(people.cells), codes[len(people.cells) :]
    new = np.zeros((len(cells) - before, people.number.shape[1]))
    joined = like["share"].to_numpy()[:, None] * number[None, :]
    both, both_pay = np.vstack([people.number, new]), np.vstack([people.pay, new])
    both[added] += joined  # each cell of hires occurs once
    both_pay[added] += joined * pay[None, :]
    return _People(cells, both, both_pay)


def _distinct(rows: pl.DataFrame) -> tuple[pl.DataFrame, Index]:
    """Return the distinct rows in order of first occurrence, and the place of each row among them."""
    cells = rows.unique(maintain_order=True)
    numbered = cells.with_row_index("code")
    codes = rows.join(numbered, on=rows.columns, how="left", nulls_equal=True, maintain_order="left")["code"]
    return cells, codes.to_numpy().astype(np.int64)


def _sums(cells: pl.DataFrame, values: Array, by: Sequence[str]) -> Iterator[tuple[Part, Array]]:
    """Yield the sum over the company and over each value of the dimensions."""
    yield WHOLE, values.sum(axis=0)
    for name in by:
        names = cells[name].to_list()
        for value in sorted({each for each in names if each is not None}):
            yield (name, value), values[np.array([each == value for each in names])].sum(axis=0)
