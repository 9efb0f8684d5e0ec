"""Proposes the next points of an optimisation from those that were tried.

A surrogate, which takes no time, stands for the simulation: radial basis functions through the tried points,
one for the cost and one for each constraint. Each proposal is the best point of the surrogate at some
distance from all others, from none (to go on where it is good) to half of the widest gap (to look where
nothing was tried). This is CORS-RBF: Regis and Shoemaker, "Constrained global optimization of expensive black
box functions using radial basis functions", Journal of Global Optimization 31 (2005), with differential
evolution on the surrogate.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from tasks.studies.goal import Search

Array = NDArray[np.float64]
#: A place on the grid: the number of steps above the lower bound, for each setting.
Point = tuple[int, ...]

#: Of each proposal its distance from all points, as a share of the widest gap, and how far within the
#: constraints it is to be, in standard deviations of what was tried.
WIDE = ((0, 0), (0, 0.02), (0, 0.1), (0.02, 0), (0.05, 0), (0.1, 0), (0.2, 0), (0.35, 0), (0.5, 0))
NEAR = ((0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0.02), (0, 0.02), (0, 0.05))

_MOST_CORNERS = 8
_SAMPLE = 256  # points of which one is in the widest gap
_PENALTY = 1000.0  # for a constraint violated by a standard deviation; costs are from 0 to 1
_FORBIDDEN = 1e9


@dataclass(frozen=True)
class Grid:
    """The values of several settings, in steps."""

    searches: tuple[Search, ...]

    @property
    def size(self) -> int:
        """The number of points."""
        return prod(search.intervals + 1 for search in self.searches)

    def values(self, point: Point) -> dict[str, Decimal]:
        """Return the settings of a point by key."""
        return {search.key: search.value(at) for search, at in zip(self.searches, point, strict=True)}

    def all_points(self) -> list[Point]:
        """Return every point."""
        return list(product(*(range(search.intervals + 1) for search in self.searches)))

    @property
    def ends(self) -> Array:
        """The last index of each setting."""
        return np.array([search.intervals for search in self.searches], dtype=float)


@dataclass(frozen=True)
class Seen:
    """What is known of a tried point: its cost, which is to be small, and by how much each constraint fails.

    They are infinite where there is no value.
    """

    cost: float
    beyond: tuple[float, ...]


def some_of(kinds: Sequence[tuple[float, float]], count: int) -> list[tuple[float, float]]:
    """Return as many of the kinds, evenly from the first to the last."""
    if count >= len(kinds):
        return list(kinds)
    return [kinds[round(number * (len(kinds) - 1) / max(1, count - 1))] for number in range(count)]


def first_points(grid: Grid, count: int, seed: int) -> list[Point]:
    """Return points to begin with: the corners if they are few, the middle, and others evenly in between."""
    ends = grid.ends
    found = [tuple(int(end / 2) for end in ends)]
    if 2 ** len(ends) <= min(_MOST_CORNERS, count - 1):
        found = [tuple(map(int, corner)) for corner in product(*((0, end) for end in ends))] + found
    for row in _spread(grid, 8 * count, seed):
        if len(found) == count:
            break
        point = tuple(map(int, row))
        if point not in found:
            found.append(point)
    return found[:count]


def proposals(
    grid: Grid, seen: Mapping[Point, Seen], kinds: Sequence[tuple[float, float]], seed: int
) -> list[Point]:
    """Return at most one untried point for each kind (`WIDE`, `NEAR`); fewer if none is left.

    Args:
        grid: The settings and their values.
        seen: What is known of the tried points.
        kinds: Distances and margins.
        seed: For the random numbers; the same seed gives the same points.
    """
    surrogate = _Surrogate.of(grid, seen)
    chosen: list[Point] = []
    sample = _spread(grid, _SAMPLE, seed)
    if surrogate is None:
        fresh = dict.fromkeys(tuple(map(int, row)) for row in sample)
        return [point for point in fresh if point not in seen][: len(kinds)]
    for number, (distance, margin) in enumerate(kinds):
        taken = [*seen, *chosen]
        gap = float(_distances(grid, sample, taken).max())
        found = _best(grid, surrogate, taken, (distance * gap, margin), sample, seed + number)
        if found is not None:
            chosen.append(found)
    return chosen


@dataclass(frozen=True)
class _Surrogate:
    """Predicts cost and constraints between the tried points; both are in comparable units."""

    grid: Grid
    interpolate: Callable[[Array], Array]
    best: tuple[Point, ...]

    @classmethod
    def of(cls, grid: Grid, seen: Mapping[Point, Seen]) -> "_Surrogate | None":
        """Return the surrogate through the tried points; None if they are too few."""
        # imported here: it takes half a second, and only optimisations need it
        from scipy.interpolate import RBFInterpolator

        figures = np.array([(one.cost, *one.beyond) for one in seen.values()])
        has_value = np.isfinite(figures).all(axis=1)
        if has_value.sum() < len(grid.searches) + 2:
            return None
        # whether there is a value is a further constraint: without one a point is as bad as the worst
        figures = np.where(np.isfinite(figures), figures, figures[has_value].max(axis=0))
        figures = np.column_stack([figures, np.where(has_value, -1.0, 1.0)])
        places = np.array([*seen], dtype=float)
        lowest = np.zeros(figures.shape[1])
        lowest[0] = figures[:, 0].min()
        scale = figures.std(axis=0)
        scale[0] = np.ptp(figures[:, 0])
        scale[scale == 0] = 1.0
        figures = (figures - lowest) / scale
        try:
            interpolate = RBFInterpolator(places / grid.ends, figures, kernel="thin_plate_spline")
        except np.linalg.LinAlgError:  # all points are on a line
            return None
        order = np.argsort(
            figures[:, 0] + _PENALTY * np.maximum(0, figures[:, 1:]).sum(axis=1), kind="stable"
        )
        return cls(grid, interpolate, tuple([*seen][place] for place in order[:3]))

    def score(self, places: Array, margin: float) -> Array:
        """Return predicted cost and violations of points (rows), which are to be small."""
        predicted = self.interpolate(places / self.grid.ends)
        return np.asarray(
            predicted[:, 0] + _PENALTY * np.maximum(0, predicted[:, 1:] + margin).sum(axis=1), dtype=float
        )


def _best(
    grid: Grid,
    surrogate: _Surrogate,
    taken: Sequence[Point],
    kind: tuple[float, float],
    sample: NDArray[np.int64],
    seed: int,
) -> Point | None:
    """Return the best point of the surrogate that is not taken and as far from all others as `kind` says."""
    from scipy.optimize import differential_evolution

    distance, margin = kind
    known = {*taken}

    def score(places: Array) -> Array:
        points = np.rint(places.T)
        away = _distances(grid, points, taken)
        is_taken = np.array([tuple(map(int, row)) in known for row in points])
        too_near = np.maximum(0, distance - away) / (distance or 1)
        return np.asarray(surrogate.score(points, margin) + _FORBIDDEN * (is_taken + too_near))

    around = [
        np.clip(np.add(best, step), 0, grid.ends)
        for best in surrogate.best
        for step in product((-1, 0, 1), repeat=min(len(grid.searches), 3))
        for step in [(*step, *(0,) * (len(grid.searches) - len(step)))]
    ]
    found = differential_evolution(
        score,
        bounds=[(0, end) for end in grid.ends],
        integrality=np.ones(len(grid.searches), dtype=bool),
        init=np.vstack([sample[:32], *around]),
        maxiter=40,
        vectorized=True,
        updating="deferred",
        polish=False,
        rng=seed,
    )
    point = tuple(round(index) for index in found.x)
    return None if point in known else point


def _spread(grid: Grid, count: int, seed: int) -> NDArray[np.int64]:
    """Return points evenly over the grid (rows), by a scrambled Sobol sequence."""
    from scipy.stats.qmc import Sobol

    exponent = max(1, (count - 1).bit_length())
    shares = Sobol(len(grid.searches), rng=seed).random_base2(exponent)
    found: NDArray[np.int64] = np.minimum(shares * (grid.ends + 1), grid.ends).astype(np.int64)
    return found


def _distances(grid: Grid, places: NDArray[np.generic], taken: Collection[Point]) -> Array:
    """Return the distance of each place (rows) from the nearest taken point, in lengths of the ranges."""
    scaled = np.asarray(places, dtype=float) / grid.ends
    others = np.array([*taken], dtype=float) / grid.ends
    return np.asarray(np.linalg.norm(scaled[:, None, :] - others[None, :, :], axis=2).min(axis=1))
