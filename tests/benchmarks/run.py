"""Time and memory of the pipeline from the shell, beside a trivial flow and the bare SQL.

    python -m tests.benchmarks.run                  # everything: 8 to 25 minutes on two idle cores
    python -m tests.benchmarks.run --quick          # without the two large cases
    python -m tests.benchmarks.run --only 1m-floor  # one measurement; may be repeated

Prints a table and the goals with what they came to, and writes both as JSON. Every measurement is a
process of its own: seconds from start to exit, processor seconds, and the largest memory of that process
or of one it waited for. A loaded machine shows in `load` (processes that wanted a processor when the
measurement began) and in processor seconds, which it prolongs less than it does seconds.
"""

import argparse
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import polars as pl
import psutil
from rich.console import Console
from rich.table import Table

from tasks.census.sample import sample_census, write_sample
from tasks.system.project import ROOT

YEARS = "2025-2029"


@dataclass(frozen=True)
class Case:
    """Something to measure: `trivial` flow, `pipeline` or `floor` of the SQL, and on how many rows.

    `uses` names what the pipeline uses beside the default settings: `actions`, `everything`.
    """

    name: str
    kind: str
    employees: int = 0
    replicates: int = 1
    server: bool = False
    uses: str = ""

    @property
    def is_large(self) -> bool:
        """A million rows and more."""
        return self.employees * self.replicates >= 1_000_000

    def command(self, census: Path, output: Path) -> list[str]:
        """What is typed into the shell."""
        match self.kind:
            case "trivial":
                return [sys.executable, "-m", "tests.benchmarks.trivial"]
            case "floor":
                arguments = [str(census), str(self.replicates), "--years", YEARS]
                return [sys.executable, "-m", "tests.benchmarks.floor", *arguments]
        arguments = ["--census", str(census), "--replicates", str(self.replicates), "--years", YEARS]
        if self.uses:
            arguments += ["--actions", str(census.with_suffix(ACTIONS_FILE))]
        if self.uses == "everything":
            arguments += ["--config", str(census.with_suffix(SETTINGS_FILE))]
        arguments += ["--output", str(output), "--run-id", self.name]
        return [sys.executable, "-m", "flows.multi_year", *arguments]


CASES = (
    Case("trivial-cold", "trivial"),
    Case("trivial-server", "trivial", server=True),
    Case("10k-cold", "pipeline", 10_000),
    Case("10k-server", "pipeline", 10_000, server=True),
    Case("10k-floor", "floor", 10_000),
    Case("10k-everything", "pipeline", 10_000, uses="everything"),
    Case("100k-cold", "pipeline", 100_000),
    Case("100k-floor", "floor", 100_000),
    Case("1m-cold", "pipeline", 1_000_000),
    Case("1m-floor", "floor", 1_000_000),
    Case("1m-actions", "pipeline", 1_000_000, uses="actions"),
    Case("1m-everything", "pipeline", 1_000_000, uses="everything"),
    Case("10k-x100-cold", "pipeline", 10_000, 100),
    Case("10k-x100-floor", "floor", 10_000, 100),
)

#: Every part of the model that the default settings leave out, known actions apart.
EVERYTHING = """\
workforce:
  termination:
    voluntary: {factors: {department: {Sales: 1.4}, level: {1: 1.2}}}
    retirement: {base: 0.2, eligible: {min_age: 60, min_tenure: 5}, mandatory_age: 67}
  transfer: {base: 0.03, by: department, factors: {level: {4: 0.5}}}
  termination_months: [1, 1, 2, 1, 1, 3, 1, 1, 1, 1, 1, 1]
hiring:
  months: [3, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1]
  fte_mix: {1: 0.8, 0.5: 0.2}
compensation: {enforce_minimum: true}
targets:
  by: [department]
  segments:
    - {where: {department: Engineering}, growth: 0.1}
    - {where: {department: Sales}, growth: -0.02, termination_rate: 0.18}
  others: balance
"""

#: Known actions of a run: a quarter each of raises, leaves, transfers and part-time.
ACTIONS = 5_000

#: Suffixes of the files beside a census that has known actions, and settings that use everything.
ACTIONS_FILE, SETTINGS_FILE = ".actions.csv", ".yaml"

WARM_UP = Case("warm-up", "pipeline", 1_000)

#: Seconds of bare set-based SQL with md5 draws over five years, on an idle machine of two cores.
BARE_SECONDS = {"10k-floor": 0.9, "100k-floor": 6.6, "1m-floor": 33.0, "10k-x100-floor": 26.0}


@dataclass(frozen=True)
class Measured:
    """What a case took. Of a floor, seconds are those of its years; the rest is the process's."""

    seconds: float
    processor_seconds: float
    peak_memory_mb: float
    load: float


@dataclass(frozen=True)
class Goal:
    """A limit and what was found."""

    text: str
    found: float
    limit: float
    unit: str = "s"

    @property
    def is_met(self) -> bool:
        """Whether what was found is within the limit."""
        return self.found <= self.limit


def known_actions(census: Path) -> str:
    """An actions file for employees of the census, over all years."""
    ids = pl.scan_parquet(census).filter(pl.col("termination_date").is_null()).select("employee_id")
    found = ids.head(ACTIONS).collect()["employee_id"].to_list()
    rows = ["action_id,action,date,employee_id,salary,fte,department"]
    for number, employee_id in enumerate(found):
        day = f"{2025 + number % 5}-0{1 + number % 9}-15"
        values = ("raise,{},{},90000,,", "leave,{},{},,,", "transfer,{},{},,,Legal", "fte,{},{},,0.8,")
        rows.append(f"a{number}," + values[number // 5 % 4].format(day, employee_id))
    return "\n".join(rows) + "\n"


def goals(measured: dict[str, Measured]) -> list[Goal]:
    """The goals of which all measurements are there."""
    seconds = {name: one.seconds for name, one in measured.items()}
    found = []
    for name, trivial, extra, floor in (
        ("10k-cold", "trivial-cold", 8, ""),
        ("10k-server", "trivial-server", 6, ""),
        ("1m-cold", "trivial-cold", 10, "1m-floor"),
        ("10k-x100-cold", "trivial-cold", 10, "10k-x100-floor"),
    ):
        if {name, trivial, floor or trivial} <= seconds.keys():
            limit = seconds[trivial] + extra + (2.5 * seconds[floor] if floor else 0)
            sql = f" + 2.5 × {floor}" if floor else ""
            found.append(Goal(f"{name} within {trivial} + {extra} s{sql}", seconds[name], limit))
    if "1m-cold" in measured:
        found.append(Goal("1m-cold under 4 GiB", measured["1m-cold"].peak_memory_mb, 4 * 1024, "MiB"))
    for name in ("10k", "1m"):
        every, cold = f"{name}-everything", f"{name}-cold"
        if {every, cold} <= seconds.keys():
            found.append(Goal(f"{every} within 1.3 × {cold}", seconds[every], 1.3 * seconds[cold]))
    if {"1m-actions", "1m-cold"} <= seconds.keys():
        limit = seconds["1m-cold"] + 5
        found.append(Goal("1m-actions within 1m-cold + 1 s a year", seconds["1m-actions"], limit))
    found += [
        Goal(f"{name} within 2 × {bare} s of bare SQL", seconds[name], 2 * bare)
        for name, bare in BARE_SECONDS.items()
        if name in seconds
    ]
    return found


def measure(case: Case, folder: Path, census: Path, environment: dict[str, str]) -> Measured:
    """Run a case to its end. Raises RuntimeError with its output if it fails."""
    load = os.getloadavg()[0]
    output = folder / f"{case.name}.txt"
    with output.open("w+b") as out, (folder / f"{case.name}.err").open("w+b") as err:
        began = time.perf_counter()
        process = subprocess.Popen(
            case.command(census, folder / "runs"), cwd=ROOT, env=environment, stdout=out, stderr=err
        )
        _, status, used = os.wait4(process.pid, 0)  # unlike wait, it returns memory and processor time
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            err.seek(0)
            raise RuntimeError(f"{case.name} ended with status {process.returncode}:\n{err.read().decode()}")
    if case.kind == "pipeline":
        record = json.loads((folder / "runs" / case.name / "run.json").read_text(encoding="utf-8"))
        if record["status"] != "complete":
            raise RuntimeError(f"{case.name} ended with status 0, but its run is {record['status']}")
    if case.kind == "floor":
        seconds = json.loads(output.read_text())["seconds"]
    return Measured(
        seconds=seconds,
        processor_seconds=used.ru_utime + used.ru_stime,
        peak_memory_mb=used.ru_maxrss / 1024,  # KiB on Linux
        load=load,
    )


@contextmanager
def prefect_server(environment: dict[str, str], log: Path) -> Iterator[str]:
    """A `prefect server` of its own on a free port of the loopback; yields the address of its API."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        api = f"http://127.0.0.1:{port}/api"
        _wait_for(f"{api}/health", server, log)
        yield api
    finally:
        server.terminate()
        server.wait(timeout=60)


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.5)
    raise RuntimeError(f"the Prefect server does not answer:\n{log.read_text()}")


def measure_all(cases: list[Case], folder: Path, console: Console) -> dict[str, Measured]:
    """Measure one case after the other, those that want a server while one is running."""
    # a user's Python keeps the bytecode that it made; compiling all imports anew takes 4 s of each start
    foreign = ("PREFECT_", "WORKFORCE_", "PYTHONDONTWRITEBYTECODE")
    own = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    environment = own | {"PREFECT_HOME": str(folder / "prefect"), "DO_NOT_TRACK": "1"}
    measured = {}

    def censused(employees: int) -> Path:
        path = folder / f"census-{employees}.parquet"
        if employees and not path.exists():
            write_sample(sample_census(employees), path)
            path.with_suffix(ACTIONS_FILE).write_text(known_actions(path), encoding="utf-8")
            path.with_suffix(SETTINGS_FILE).write_text(EVERYTHING, encoding="utf-8")
        return path

    def take(case: Case, environment: dict[str, str]) -> None:
        console.print(f"{case.name} …", end=" ")
        measured[case.name] = measure(case, folder, censused(case.employees), environment)
        console.print(f"{measured[case.name].seconds:,.1f} s")

    # the first start of a machine makes Prefect's database, Python's bytecode and dbt's parse
    measure(WARM_UP, folder, censused(WARM_UP.employees), environment)
    for case in cases:
        if not case.server:
            take(case, environment)
    with_server = [case for case in cases if case.server]
    if with_server:
        with prefect_server(environment, folder / "server.txt") as api:
            for case in with_server:
                take(case, environment | {"PREFECT_API_URL": api})
    return {case.name: measured[case.name] for case in cases}


def measurements_table(measured: dict[str, Measured]) -> Table:
    """A row per case."""
    table = Table(title=f"Five years, {YEARS}")
    table.add_column("Case")
    for heading in ("Seconds", "Processor s", "Peak memory (MiB)", "Load"):
        table.add_column(heading, justify="right")
    for name, one in measured.items():
        figures = (one.seconds, one.processor_seconds, one.peak_memory_mb, one.load)
        table.add_row(name, *(f"{figure:,.1f}" for figure in figures))
    return table


def goals_table(found: list[Goal]) -> Table:
    """A row per goal."""
    table = Table(title="Goals")
    table.add_column("Goal")
    for heading in ("Found", "Limit", "Ratio", "Result"):
        table.add_column(heading, justify="right")
    for goal in found:
        table.add_row(
            goal.text,
            f"{goal.found:,.1f} {goal.unit}",
            f"{goal.limit:,.1f} {goal.unit}",
            f"{goal.found / goal.limit:.2f}",
            "pass" if goal.is_met else "MISS",
        )
    return table


def main() -> None:
    """Measure, print, write JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", choices=[case.name for case in CASES], metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="leave out cases of a million rows")
    parser.add_argument("--json", type=Path, default=ROOT / "runs" / "benchmark.json", help="where to")
    arguments = parser.parse_args()
    cases = [
        case
        for case in CASES
        if (not arguments.only or case.name in arguments.only) and not (arguments.quick and case.is_large)
    ]
    console = Console()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        measured = measure_all(cases, Path(folder), console)
    found = goals(measured)
    console.print(measurements_table(measured), goals_table(found), sep="\n")
    record = {
        "date": date.today().isoformat(),
        "machine": {
            "cores": os.cpu_count(),
            "memory_gib": round(psutil.virtual_memory().total / 2**30),
            "python": platform.python_version(),
        },
        "measured": {name: asdict(one) for name, one in measured.items()},
        "goals": [asdict(goal) | {"met": goal.is_met} for goal in found],
    }
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    console.print(f"Written to {arguments.json}", soft_wrap=True)


if __name__ == "__main__":
    main()
