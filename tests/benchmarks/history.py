"""Time and memory of reading a history, with every column that a list may have.

    python -m tests.benchmarks.history                     # 20 lists of 100,000 people, with leavers
    python -m tests.benchmarks.history --people 15000 --lists 10

Prints the seconds from start to exit of `workforce history check` and its largest memory, and exits with
status 1 if they exceed the goal, 60 s and 4 GiB. The largest memory is that of the command or of one of the
processes that read a file for it.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

MOST_SECONDS, MOST_BYTES = 60, 4 * 2**30
EXIT_RATE = 0.13
FIRST = date(2005, 12, 31)


def write_lists(folder: Path, people: int, lists: int, seed: int = 1) -> None:
    """Write lists a year apart of a company of constant size, with the leavers of each year."""
    draw = np.random.default_rng(seed)
    staff = _hires(draw, 0, people, FIRST, draw.integers(0, 9000, people))
    number = people
    for year in range(lists):
        day = FIRST.replace(year=FIRST.year + year)
        if year:
            leaves = draw.random(staff.height) < EXIT_RATE
            exits = pl.Series(draw.integers(0, 365, staff.height))
            staff = staff.with_columns(
                salary=(pl.col("salary") * 1.03).round(2),
                termination_date=pl.when(pl.Series(leaves)).then(pl.lit(day) - pl.duration(days=exits)),
                reason=pl.when(pl.Series(leaves)).then(pl.lit("Resigned")),
            )
            hired = int(leaves.sum())
            new = _hires(draw, number, hired, day, draw.integers(0, 365, hired))
            staff = pl.concat([staff, new])
            number += hired
        staff.write_csv(folder / f"{day}.csv")
        staff = staff.filter(pl.col("termination_date").is_null())


def _hires(
    draw: np.random.Generator, first: int, count: int, day: date, days_ago: np.ndarray
) -> pl.DataFrame:
    places = pl.Series([f"Department {number}" for number in range(30)])
    return pl.DataFrame({"number": np.arange(first, first + count), "ago": days_ago}).select(
        employee_id="E" + pl.col("number").cast(pl.String).str.zfill(8),
        birth_date=pl.lit(day - timedelta(days=9000 + 365 * 18))
        - pl.duration(days=pl.Series(draw.integers(0, 12000, count))),
        hire_date=pl.lit(day) - pl.duration(days=pl.col("ago")),
        salary=pl.Series(draw.integers(300, 1500, count) * 100.0),
        level=pl.Series(draw.integers(1, 6, count)),
        fte=pl.Series(draw.choice([0.5, 0.8, 1.0], count)),
        termination_date=pl.lit(None, pl.Date),
        reason=pl.lit(None, pl.String),
        department=places.gather(pl.Series(draw.integers(0, 30, count))),
        location=pl.lit("Site ") + pl.Series(draw.integers(0, 9, count)).cast(pl.String),
    )


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--lists", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_lists(Path(folder), given.people, given.lists)
        started = time.monotonic()
        command = [sys.executable, "-m", "flows.cli.main", "history", "check", "--history", folder]
        subprocess.run(command, check=True)
        seconds = time.monotonic() - started
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024  # Linux states it in KiB
    print(f"{given.lists} lists of {given.people:,} people: {seconds:.1f} s, {memory / 2**30:.2f} GiB")
    return int(seconds > MOST_SECONDS or memory > MOST_BYTES)


if __name__ == "__main__":
    sys.exit(main())
