"""The floor: the project's compiled SQL straight on DuckDB, without dbt, tests, Prefect or published files.

`python -m tests.benchmarks.floor CENSUS REPLICATES` prints one line of JSON. It is a process of its own, so
that its peak memory is its own; `--profile` prints what each model took as well.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tasks.runs.directory import RunDirectory
from tasks.runs.request import RunRequest, accept
from tasks.simulation.opening import create_run
from tasks.simulation.preparation import prepare
from tasks.warehouse import dbt
from tasks.warehouse.changes import changes_in_use
from tasks.warehouse.compiled import compiled_models
from tasks.warehouse.inputs import set_simulation_year


def measure(census: Path, replicates: int, years: str) -> dict[str, Any]:
    """Open a run by the usual steps, then time its years: seconds, by model of the processor, peak memory."""
    by_model: Counter[str] = Counter()
    by_year = []
    with tempfile.TemporaryDirectory(prefix="floor-", dir=census.parent) as folder:
        request = RunRequest(census=census, replicates=replicates, years=years)
        run = create_run(RunDirectory(Path(folder) / "run"), accept(request))
        prepare(run)
        with run.database.connect() as connection:
            changes = changes_in_use(run.settings.scenarios, connection)
        dbt.build(run.database, changes=changes)  # the baseline: views, empty tables, the opening state
        models = compiled_models(changes)
        with run.database.connect() as connection:
            for year in run.years:
                began = time.perf_counter()
                set_simulation_year(connection, year)
                for model in models:
                    if model.advance is None:
                        continue
                    cpu_began = time.process_time_ns()
                    connection.execute(model.advance)
                    by_model[model.name] += time.process_time_ns() - cpu_began
                by_year.append(time.perf_counter() - began)
    return {
        "seconds": sum(by_year),
        "seconds_by_year": by_year,
        "cpu_seconds": sum(by_model.values()) / 1e9,
        "cpu_seconds_by_model": {name: nanoseconds / 1e9 for name, nanoseconds in by_model.most_common()},
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,  # KiB on Linux
    }


def main() -> None:
    """Print the measurement as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("census", type=Path)
    parser.add_argument("replicates", type=int)
    parser.add_argument("--years", default="2025-2029")
    parser.add_argument("--profile", action="store_true", help="print what each model took as well")
    arguments = parser.parse_args()
    measured = measure(arguments.census, arguments.replicates, arguments.years)
    if arguments.profile:
        for model, seconds in measured["cpu_seconds_by_model"].items():
            print(f"{seconds:8.2f}  {model}", file=sys.stderr)
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
