"""Draws of the made-up data: hashes that are specified here, so that a seed gives the same data everywhere.

DuckDB's md5_number of the text 'namespace|seed|label|block'. Each 32 bits of it give one draw in [0, 1), so
one hash serves four streams: hashing takes most of the time.
"""

from collections.abc import Sequence

import duckdb
import polars as pl

_STREAMS_PER_BLOCK = 4
_HASHES = "select place, {hashes} from people"
_HASH = "md5_number(concat_ws('|', $namespace, $seed, label, {block})) as hash{block}"
_DRAW = "(hash{block} >> {shift} & 4294967295::uhugeint)::double / 4294967296 as {stream}"


def uniform_draws(namespace: str, seed: int, labels: pl.Series, streams: Sequence[str]) -> pl.DataFrame:
    """Return a row per label, in their order, with a uniform draw in [0, 1) per stream.

    The names of the streams are constants of the caller: they become names of columns in SQL.
    """
    blocks = range(-(-len(streams) // _STREAMS_PER_BLOCK))
    hashes = _HASHES.format(hashes=", ".join(_HASH.format(block=block) for block in blocks))
    draws = ", ".join(
        _DRAW.format(stream=stream, block=i // _STREAMS_PER_BLOCK, shift=32 * (i % _STREAMS_PER_BLOCK))
        for i, stream in enumerate(streams)
    )
    with duckdb.connect() as connection:
        connection.register("people", pl.DataFrame({"label": labels}).with_row_index("place"))
        return connection.execute(
            f"select {draws} from ({hashes}) order by place",  # noqa: S608 - constants of the callers
            {"namespace": namespace, "seed": seed},
        ).pl()


def drawn(draw: pl.Series, shares: pl.Series) -> pl.Series:
    """Return the index of the share that each draw falls into."""
    return (shares.cum_sum() / shares.sum()).search_sorted(draw, side="right")


def days_within(low: str, high: str, draw: str) -> pl.Expr:
    """Return a drawn number of days within a band of completed years, its last year included."""
    years = pl.col(low) + pl.col(draw) * (pl.col(high) - pl.col(low) + 1)
    return (years * 365.25).floor().cast(pl.Int64)
