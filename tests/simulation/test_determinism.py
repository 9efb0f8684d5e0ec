"""The same seed gives the same rows, bit for bit, however many threads share the work."""

from pathlib import Path

import pytest

from tests.simulate import Finished, simulate
from tests.simulation.conftest import census

#: DuckDB hands out work in row groups of 122,880: fewer rows would never be shared between threads.
ROW_GROUP = 122_880


def run_with(directory: Path, threads: int) -> Finished:
    directory.mkdir()
    return simulate(directory, census(100_000), years="2025-2026", replicates=2, threads=threads, close=False)


@pytest.mark.slow
def test_one_thread_and_two_give_the_same_content_hash(tmp_path: Path) -> None:
    one, two = (run_with(tmp_path / str(threads), threads) for threads in (1, 2))
    rows = two.query("select count(*) from fct_workforce_snapshot group by simulation_year")
    assert min(rows.to_series()) > ROW_GROUP
    assert list(one.content_hashes) == list(one.years)
    assert one.content_hashes == two.content_hashes
