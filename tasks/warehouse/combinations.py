"""The combinations of dimension values, and the moves between them.

A move sets some dimensions, as a transfer to a department does. The combinations are closed under the
moves of all scenarios: an employee of any combination can move and is in a known combination afterwards.
They are numbered from 1 in the order of their text, null last.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from math import prod

import polars as pl

from settings import InputError, Scenario
from settings.models.workforce import TransferSettings, value_of
from tasks.census.read import Census

#: More combinations are refused: closing them under moves multiplies them, and so does a column with a value
#: per employee.
MOST_COMBINATIONS = 200_000

#: The dimensions that a move sets, in the order of the census, with their values.
Move = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Combinations:
    """The combinations of a run, and its moves in the order of their numbers, from 1."""

    dimensions: tuple[str, ...]
    rows: pl.DataFrame  # combination_id (Int32), a String column per dimension
    moves: tuple[Move, ...]

    def number_of(self, values: Mapping[str, str | None]) -> int | None:
        """Return the number of the move that sets these dimensions; None if there are none."""
        move = _move(values, self.dimensions)
        return self._numbers[move] if move else None

    def of(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return rows, which have a column per dimension, with their `combination_id`."""
        if not self.dimensions:
            return rows.with_columns(pl.lit(1, dtype=pl.Int32).alias("combination_id"))
        return rows.join(
            self.rows, on=list(self.dimensions), how="left", nulls_equal=True, maintain_order="left"
        )

    @property
    def long(self) -> pl.DataFrame:
        """One row per combination and dimension: combination_id, dimension, dimension_value."""
        return self.rows.unpivot(
            on=list(self.dimensions),
            index="combination_id",
            variable_name="dimension",
            value_name="dimension_value",
        ).cast({"dimension": pl.String, "dimension_value": pl.String})

    @property
    def destinations(self) -> pl.DataFrame:
        """One row per move and combination: move_id, from_combination_id, to_combination_id."""
        schema = {"move_id": pl.Int32, "from_combination_id": pl.Int32, "to_combination_id": pl.Int32}
        leaving = self.rows.rename({"combination_id": "from_combination_id"})
        moved = (
            self.of(leaving.with_columns(pl.lit(value, pl.String).alias(name) for name, value in move))
            .with_columns(pl.lit(number, pl.Int32).alias("move_id"))
            .rename({"combination_id": "to_combination_id"})
            .select(*schema)
            for number, move in enumerate(self.moves, start=1)
        )
        return pl.concat([pl.DataFrame(schema=schema), *moved])

    @cached_property
    def _numbers(self) -> dict[Move, int]:
        return {move: number for number, move in enumerate(self.moves, start=1)}


def combinations_of(
    scenarios: Sequence[Scenario], census: Census, mixes: pl.DataFrame, plans: Mapping[str, pl.DataFrame]
) -> Combinations:
    """Return the combinations of the census and the mixes of hires, closed under the moves of all scenarios.

    `mixes` has a column per dimension, and so have the plans for the dimensions that they set. Raises
    InputError if there are more than MOST_COMBINATIONS.
    """
    dimensions = census.dimensions
    people = [census.employees, *([] if census.actual_spells is None else [census.actual_spells])]
    found = pl.concat([rows.select(dimensions) for rows in (*people, mixes)]).unique()
    if found.is_empty() and dimensions:  # hires of an empty company belong somewhere too
        found = pl.DataFrame({name: [None] for name in dimensions}, schema=found.schema)
    moves = sorted({move for move in _moves(scenarios, census, plans) if move}, key=_by_text)
    values = {
        name: found[name].unique().to_list() if name in found.columns else []
        for name in dimensions
        if any(name in dict(move) for move in moves)
    }
    for move in moves:
        for name, value in move:
            values[name] += [value] if value not in values[name] else []
    return Combinations(
        tuple(dimensions), _numbered(_closed(found, dimensions, values), dimensions), tuple(moves)
    )


def _closed(
    found: pl.DataFrame, dimensions: Sequence[str], values: Mapping[str, Sequence[str | None]]
) -> pl.DataFrame:
    """Return what is found, with every combination of the dimensions that moves set."""
    if not values:
        _refuse_too_many(found.height, f"{found.height:,} in the census and hiring.dimension_mix")
        return found
    kept = [name for name in dimensions if name not in values]
    rest = found.select(kept).unique() if kept else pl.DataFrame({"": [None]})
    _refuse_too_many(
        rest.height * prod(map(len, values.values())),
        " × ".join(
            [
                *([f"{rest.height:,} combinations of {', '.join(kept)}"] if kept else []),
                *(f"{len(names):,} values of {name}" for name, names in values.items()),
            ]
        ),
    )
    for name, names in values.items():
        rest = rest.join(pl.DataFrame({name: names}, schema={name: pl.String}), how="cross")
    return rest.select(dimensions)


def _refuse_too_many(number: int, arithmetic: str) -> None:
    if number > MOST_COMBINATIONS:
        raise InputError(
            f"{number:,} combinations of dimensions ({arithmetic}), at most {MOST_COMBINATIONS:,} are "
            "allowed; leave out of census.dimensions what results need not be broken down by, or let "
            "transfers, targets and actions set fewer dimensions"
        )


def _numbered(found: pl.DataFrame, dimensions: Sequence[str]) -> pl.DataFrame:
    if not dimensions:
        return pl.DataFrame({"combination_id": [1]}, schema={"combination_id": pl.Int32})
    return (
        found.sort(dimensions, nulls_last=True)
        .with_row_index("combination_id", offset=1)
        .cast({"combination_id": pl.Int32})
    )


def transfer_destinations(transfer: TransferSettings, census: Census) -> Mapping[str | None, Decimal | None]:
    """Return the values to which transfers lead, with their shares; None: by opening headcount."""
    if transfer.to is not None:
        return {value_of(name): share for name, share in transfer.to.items()}
    return dict.fromkeys(census.employees[transfer.by].unique().sort(nulls_last=True).to_list())


def _moves(
    scenarios: Sequence[Scenario], census: Census, plans: Mapping[str, pl.DataFrame]
) -> Iterator[Move]:
    for scenario in scenarios:
        transfer, targets = scenario.settings.workforce.transfer, scenario.settings.targets
        if transfer:
            yield from (((transfer.by, value),) for value in transfer_destinations(transfer, census))
        for segment in targets.segments if targets else ():
            yield _move(segment.dimensions, census.dimensions)
        if scenario.id in plans:
            yield from (
                _move(row, census.dimensions) for row in values_set(plans[scenario.id], census.dimensions)
            )


def values_set(plan: pl.DataFrame, dimensions: Iterable[str]) -> list[dict[str, str]]:
    """Return for each action the dimensions that it sets, with their values; null in a plan: not given."""
    given = [name for name in dimensions if name in plan.columns]
    return (
        [
            {name: value for name, value in row.items() if value is not None}
            for row in plan.select(given).to_dicts()
        ]
        if given
        else [{}] * plan.height
    )


def _move(values: Mapping[str, str | None], dimensions: Iterable[str]) -> Move:
    return tuple((name, values[name]) for name in dimensions if name in values)


def _by_text(move: Move) -> tuple[tuple[str, bool, str], ...]:
    return tuple((name, value is None, value or "") for name, value in move)
