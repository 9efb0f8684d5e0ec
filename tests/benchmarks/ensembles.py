"""Time and memory of ensembles: by replicates, by scenarios, in one pass and in shards, with little memory.

    python tests/benchmarks/ensembles.py                     # 10,000 employees, 5 years: the full table, long
    python tests/benchmarks/ensembles.py --employees 400 --replicates 1 10 --years 2025-2026 --shards 2

Each case is a run of its own by the command line. Reported are its seconds, the seconds of processor time
of all its processes (which other work on the machine disturbs less), those in the steps of the run itself,
without the start of Python and Prefect, and the peak memory of the process that held most. Two workers or
more need as many cores.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tasks.census.sample import sample_census, write_sample  # noqa: E402 - after the path is set


@dataclass(frozen=True)
class Case:
    name: str
    replicates: int
    flags: tuple[str, ...] = ()
    scenarios: int = 1


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="workforce-benchmark-") as folder:
        work = Path(folder)
        write_sample(sample_census(arguments.employees), work / "census.parquet")
        print(f"{arguments.employees:,} employees, {arguments.years}\n")
        print("| case | paths | seconds | processor s | in the steps | s per path | peak MB | MB per path |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- |")
        first = None
        for case in _cases(arguments, work):
            row = _measure(case, arguments.years, work)
            paths = case.replicates * case.scenarios
            first = first or (paths, row["peak_mb"])
            extra = (row["peak_mb"] - first[1]) / (paths - first[0]) if paths > first[0] else float("nan")
            print(
                f"| {case.name} | {paths} | {row['seconds']:.0f} | {row['processor']:.0f} | "
                f"{row['steps']:.0f} | {row['steps'] / paths:.3f} | {row['peak_mb']:.0f} | {extra:.1f} |",
                flush=True,
            )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--employees", type=int, default=10_000)
    parser.add_argument("--years", default="2025-2029")
    parser.add_argument("--replicates", type=int, nargs="+", default=[1, 10, 100, 1000])
    parser.add_argument("--scenarios", type=int, default=20, help="of the case with 5 replicates; 0: none")
    parser.add_argument("--shards", type=int, default=4, help="of the sharded cases; 0: none")
    parser.add_argument("--little", help="memory limit of two cases more, in one pass and as chosen: 512MiB")
    return parser.parse_args()


def _cases(arguments: argparse.Namespace, work: Path) -> list[Case]:
    cases = [
        Case(f"{count} replicates", count, ("--set=ensemble.shards=1",)) for count in arguments.replicates
    ]
    if arguments.scenarios:
        files = [_scenario(work, number) for number in range(arguments.scenarios)]
        flags = ("--set=ensemble.shards=1", *(f"--scenario={file}" for file in files))
        cases.append(Case(f"{arguments.scenarios} scenarios x 5", 5, flags, arguments.scenarios))
    if arguments.shards:
        count = max(count for count in arguments.replicates if count <= 100)
        for engine, workers in (("processes", 1), ("processes", 2), ("dask", 1), ("dask", 2)):
            sets = {"shards": arguments.shards, "engine": engine, "workers": workers}
            flags = tuple(f"--set=ensemble.{key}={value}" for key, value in sets.items())
            cases.append(Case(f"{count} in {arguments.shards} shards, {workers} {engine}", count, flags))
    if arguments.little:
        count = max(count for count in arguments.replicates if count <= 100)
        limit = f"--set=machine.memory_limit={arguments.little}"
        one_pass = (limit, "--set=ensemble.shards=1")
        cases.append(Case(f"{count} in one pass, {arguments.little}", count, one_pass))
        cases.append(Case(f"{count} as chosen, {arguments.little}", count, (limit,)))
    return cases


def _scenario(work: Path, number: int) -> Path:
    file = work / f"scenario_{number}.yaml"
    growth = round(0.005 * number, 3)
    file.write_text(
        f"id: growth_{number}\noverrides: {{simulation.target_growth_rate: {growth}}}\n", encoding="utf-8"
    )
    return file


def _measure(case: Case, years: str, work: Path) -> dict[str, float]:
    run = work / "runs" / "run"
    subprocess.run(["rm", "-rf", str(run)], check=True)
    started, before = time.perf_counter(), os.times()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "flows.multi_year", "--output", str(run.parent), "--run-id", run.name),
            *("--census", str(work / "census.parquet"), "--years", years),
            *("--replicates", str(case.replicates)),
            *case.flags,
        ],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, *(_memory_mb(one) for one in _tree(process.pid)), 0.0)
        time.sleep(0.1)
    seconds, after = time.perf_counter() - started, os.times()
    processor = (after.children_user + after.children_system) - (
        before.children_user + before.children_system
    )
    assert json.loads((run / "run.json").read_text())["status"] == "complete"
    with duckdb.connect(str(run / "simulation.duckdb"), read_only=True) as connection:
        (steps,) = connection.execute(
            "select sum(seconds) from mon_pipeline_performance "
            "where step not like 'model %' and step not like 'test %'"
        ).fetchone()
    return {"seconds": seconds, "processor": processor, "steps": steps, "peak_mb": peak}


def _tree(pid: int) -> list[psutil.Process]:
    try:
        return [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _memory_mb(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 2**20
    except psutil.NoSuchProcess:
        return 0.0


if __name__ == "__main__":
    main()
