"""Shapley values: the share of each player in what all achieve together.

Source: L. S. Shapley, "A value for n-person games", 1953; sampling by permutations: J. Castro, D. Gómez and
J. Tejada, "Polynomial calculation of the Shapley value based on sampling", Computers & Operations Research
36, 2009; each permutation with its reverse: R. Mitchell and others, "Sampling permutations for Shapley value
estimation", JMLR 23, 2022.

A player is a number from 0; a coalition is a set of players. Values are arrays of one shape, such as a figure
by replicate.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

Coalition = frozenset[int]
Values = NDArray[np.float64]


def all_coalitions(players: int) -> Iterator[Coalition]:
    """Yield every coalition, small ones first."""
    for size in range(players + 1):
        yield from map(frozenset, combinations(range(players), size))


def exact(players: int, value: Callable[[Coalition], Values]) -> list[Values]:
    """Return each player's Shapley value; they add up to value(all) − value(none)."""
    shares = [np.zeros_like(value(frozenset())) for _ in range(players)]
    for coalition in all_coalitions(players):
        size = len(coalition)
        for player in set(range(players)) - coalition:
            weight = factorial(size) * factorial(players - size - 1) / factorial(players)
            shares[player] = shares[player] + weight * (value(coalition | {player}) - value(coalition))
    return shares


def permutations(players: int, pairs: int, seed: int) -> list[list[int]]:
    """Return pairs of a random permutation and its reverse, the same for the same seed."""
    generator = np.random.default_rng(seed)
    forward = [generator.permutation(players).tolist() for _ in range(pairs)]
    return [order for each in forward for order in (each, each[::-1])]


def coalitions_of(orders: Sequence[Sequence[int]]) -> list[Coalition]:
    """Return the coalitions that form while players join in each of these orders."""
    found = (frozenset(order[:size]) for order in orders for size in range(len(order) + 1))
    return list(dict.fromkeys(found))


def sampled(
    orders: Sequence[Sequence[int]], value: Callable[[Coalition], Values]
) -> tuple[list[Values], list[Values]]:
    """Estimate the Shapley values from orders of `permutations`.

    Returns each player's mean contribution and its standard error of sampling, from the means of the pairs.
    The means add up to value(all) − value(none), as the contributions of each order do.
    """
    players = len(orders[0])
    by_order = np.array([_contributions(order, value) for order in orders])
    by_pair = (by_order[0::2] + by_order[1::2]) / 2
    mean = by_pair.mean(axis=0)
    error = by_pair.std(axis=0, ddof=1) / np.sqrt(len(by_pair))
    return [mean[player] for player in range(players)], [error[player] for player in range(players)]


def _contributions(order: Sequence[int], value: Callable[[Coalition], Values]) -> Values:
    """Return what each player adds when they join in this order, by player."""
    steps = [value(frozenset(order[:size])) for size in range(len(order) + 1)]
    return np.array([steps[order.index(player) + 1] - steps[order.index(player)] for player in sorted(order)])
