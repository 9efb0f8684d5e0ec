"""Time and memory of `workforce fit` and `workforce backtest`, from start to exit, reading included.

    python -m tests.benchmarks.evidence                     # 10 lists of 15,000 people, 20 of 100,000
    python -m tests.benchmarks.evidence --only backtest-10  # one measurement; may be repeated

The lists are those of `workforce history sample`: leavers with dates and reasons, levels, two dimensions.
Prints a table with the rows of all lists, and exits with status 1 if the backtest of 10 lists exceeds its
goal. The largest memory is that of the command or of a process that it waited for, such as one that reads a
file. A loaded machine shows in `load` and prolongs processor seconds less than seconds.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from tasks.history.sample import sample_history, write_sample_history
from tasks.system.project import ROOT

MOST_SECONDS_OF_BACKTEST = 60.0
LAST = date(2024, 12, 31)


@dataclass(frozen=True)
class Case:
    """A command, and the lists that it reads."""

    command: str  # fit or backtest
    lists: int
    employees: int
    most_seconds: float | None = None  # the goal

    @property
    def name(self) -> str:
        """The command and the number of lists."""
        return f"{self.command}-{self.lists}"

    def arguments(self, history: Path, folder: Path) -> list[str]:
        """Return what is typed after `workforce`."""
        target = ["--out", str(folder / "fitted.yaml")]
        if self.command == "backtest":
            target = ["--file", str(folder / "backtest.csv"), "--by", "department"]
        return [self.command, "--history", str(history), *target]


CASES = (
    Case("fit", 10, 15_000),
    Case("backtest", 10, 15_000, MOST_SECONDS_OF_BACKTEST),
    Case("fit", 20, 100_000),
)


@dataclass(frozen=True)
class Measured:
    """What a case took, and on how many rows of all lists."""

    rows: int
    seconds: float
    processor_seconds: float
    peak_memory_mb: float
    load: float


def measure(case: Case, folder: Path, environment: Mapping[str, str]) -> Measured:
    """Run a case to its end. Raises RuntimeError with its output if it fails."""
    history = folder / f"{case.lists}-{case.employees}"
    if not history.exists():
        write_sample_history(sample_history(case.lists, case.employees, 1, LAST), "", history)
    rows = sum(pl.scan_csv(path).select(pl.len()).collect().item() for path in history.glob("*.csv"))
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(dir=folder) as scratch, Path(scratch, "output").open("w+b") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.cli.main", *case.arguments(history, Path(scratch))],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(process.pid, 0)  # unlike wait, it returns memory and processor time
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            raise RuntimeError(f"{case.name} ended with {process.returncode}:\n{output.read().decode()}")
    # Linux states memory in KiB
    return Measured(rows, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, load)


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", choices=[case.name for case in CASES], metavar="NAME")
    only = parser.parse_args().only
    # a user's Python keeps the bytecode that it made
    foreign = ("WORKFORCE_", "PREFECT_", "PYTHONDONTWRITEBYTECODE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    table = Table(title="Assumptions from history")
    for heading in ("Case", "People a list", "Rows", "Seconds", "Goal", "Processor s", "Peak MiB", "Load"):
        table.add_column(heading, justify="left" if heading == "Case" else "right", no_wrap=True)
    is_missed = False
    console = Console(width=110)
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            if only and case.name not in only:
                continue
            console.print(f"{case.name} …")
            found = measure(case, Path(folder), environment)
            goal = "" if case.most_seconds is None else f"{case.most_seconds:.0f}"
            if case.most_seconds is not None and found.seconds > case.most_seconds:
                goal, is_missed = f"{goal}: missed", True
            times = (f"{found.seconds:.1f}", goal, f"{found.processor_seconds:.1f}")
            counts = (f"{case.employees:,}", f"{found.rows:,}")
            table.add_row(case.name, *counts, *times, f"{found.peak_memory_mb:,.0f}", f"{found.load:.1f}")
    console.print(table)
    return int(is_missed)


if __name__ == "__main__":
    sys.exit(main())
