"""What operators look at, put together from published files: steps, years, history, machine."""

import logging
import shutil
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import duckdb
import polars as pl
import psutil

from tasks.dashboard.data import checks_of, performance_of, summary_of
from tasks.dashboard.runs import SeenRun, read_status, seconds_since
from tasks.runs.directory import RunDirectory
from tasks.runs.earlier_runs import comparable
from tasks.runs.status import RunStatus

log = logging.getLogger("workforce")
Found = TypeVar("Found")

# Counts of a year that are held against earlier runs.
COUNTED = (
    "hires",
    "experienced_terminations",
    "new_hire_terminations",
    "reductions",
    "promotions",
    "cola_raises",
    "merit_raises",
)
# The parts of a step in mon_pipeline_performance: the step is shown as a whole.
PARTS = r"^(model|test) "


@dataclass(frozen=True)
class Clock:
    """Time taken against a limit of the settings."""

    name: str
    setting: str
    seconds: float
    limit: float

    @property
    def is_over(self) -> bool:
        """Say whether it took too long."""
        return self.seconds > self.limit

    @property
    def share(self) -> float:
        """How much of the limit is used, at most 1."""
        return min(1.0, self.seconds / self.limit)


def clocks(run: SeenRun, status: RunStatus | None) -> list[Clock]:
    """The run's clock, and of a running one the year's."""
    sla = run.record.settings["sla"]
    found = []
    if status and status.started_at:
        end = status.finished_at or (None if run.is_alive else status.heartbeat_at)
        found.append(Clock("Run", "sla.run_seconds", _between(status.started_at, end), sla["run_seconds"]))
    if status and run.is_alive and status.year_started_at:
        name = f"Year {status.year}"
        seconds = _between(status.year_started_at, None)
        found.append(Clock(name, "sla.year_seconds", seconds, sla["year_seconds"]))
    return found


def steps_of(run: SeenRun, status: RunStatus | None) -> pl.DataFrame:
    """What each step took (step, simulation_year, seconds, rows, peak_memory_mb), in the order done.

    Of a run that is done from what it published, else from status.json, which has those of the last process.
    """
    published = performance_of(run)
    if published.height:
        return published.filter(~pl.col("step").str.contains(PARTS))
    return pl.DataFrame(
        [
            {
                "step": step.name,
                "simulation_year": step.year,
                "seconds": step.seconds,
                "rows": step.rows,
                "peak_memory_mb": step.peak_memory_mb,
            }
            for step in (status.steps if status else ())
        ],
        schema={
            "step": pl.String,
            "simulation_year": pl.Int32,
            "seconds": pl.Float64,
            "rows": pl.Int64,
            "peak_memory_mb": pl.Float64,
        },
    )


def years_table(run: SeenRun, status: RunStatus | None, steps: pl.DataFrame) -> list[dict[str, str]]:
    """A row per year: its state, the seconds of each step, rows, and how its checks came out."""
    checks = checks_of(run)
    complete = run.complete_years
    names = list(dict.fromkeys(steps.filter(pl.col("simulation_year").is_not_null())["step"]))
    now = status.year if status else None
    doing = status.step if status and now else None
    names += [doing] if doing and doing not in names else []
    rows = []
    for year in range(run.record.years[0], run.record.years[1] + 1):
        of_year = steps.filter(pl.col("simulation_year") == year)
        took = dict(of_year.group_by("step").agg(pl.col("seconds").sum()).iter_rows())
        is_now = year == now and year not in complete
        row = {"Year": str(year), "State": _year_state(run, year, complete, is_now)}
        for name in names:
            row[name] = _seconds(took.get(name))
        if is_now and doing:
            row[doing] = "failed" if run.state == "failed" else "…"
        row["All"] = _seconds(sum(took.values()) if took else None)
        row["Checks"] = _checks(checks, year)
        rows.append(row)
    return rows


def against_history(run: SeenRun, others: Iterable[SeenRun]) -> list[dict[str, Any]]:
    """The counts of each year and scenario, as means over replicates, beside those of earlier runs alike.

    An earlier run whose files are damaged or gone is left out.
    """
    ours = _means(run)
    earlier = _of_each(others, _means)
    rows = []
    for (scenario, year), counts in ours.items():
        for name in ("rows", *COUNTED):
            seen = [means[scenario, year][name] for means in earlier if (scenario, year) in means]
            if counts[name] or any(seen):
                rows.append(
                    {
                        "Scenario": scenario,
                        "Year": year,
                        "Of": _ROWS if name == "rows" else name.replace("_", " "),
                        "This run": round(counts[name], 1),
                        "Runs": len(seen),
                        "Median": round(statistics.median(seen), 1) if seen else None,
                        "Least": round(min(seen), 1) if seen else None,
                        "Most": round(max(seen), 1) if seen else None,
                    }
                )
    return rows


def alike(run: SeenRun, others: Sequence[SeenRun]) -> list[SeenRun]:
    """Finished runs of the same size: census, scenarios, replicates and years, so that times compare."""
    return [other for other in others if other.state == "complete" and _size(other) == _size(run)]


def same_input(run: SeenRun, others: Sequence[SeenRun]) -> list[SeenRun]:
    """Finished runs, begun before this one, of the same settings and census, seed and replicates apart."""
    asked = comparable(run.record)
    return [
        other
        for other in others
        if other.state == "complete"
        and other.run_id != run.run_id
        and other.record.started_at <= run.record.started_at
        and comparable(other.record) == asked
    ]


def trend(runs: Iterable[SeenRun]) -> list[dict[str, Any]]:
    """Seconds of each step by run, oldest run first; a run without records of its steps is left out."""
    oldest_first = sorted(runs, key=lambda run: run.record.started_at)
    return [row for rows in _of_each(oldest_first, _step_seconds) for row in rows]


def _step_seconds(run: SeenRun) -> list[dict[str, Any]]:
    steps = steps_of(run, read_status(run.directory))
    began = f"{datetime.fromisoformat(run.record.started_at):%m-%d %H:%M}"
    sums = steps.group_by("step", maintain_order=True).agg(pl.col("seconds").sum())
    return [
        {"run": run.run_id, "began": began, "step": step, "seconds": seconds}
        for step, seconds in sums.iter_rows()
    ]


def _of_each(runs: Iterable[SeenRun], ask: Callable[[SeenRun], Found]) -> list[Found]:
    """Ask each run; those that cannot answer any more are left out, and logged."""
    found = []
    for run in runs:
        try:
            found.append(ask(run))
        except (OSError, duckdb.Error, pl.exceptions.PolarsError) as error:
            log.warning("run %s is left out: %s", run.run_id, str(error).splitlines()[0])
    return found


def slowest_parts(run: SeenRun, most: int = 15) -> list[dict[str, Any]]:
    """The dbt models and tests that took longest, over all years."""
    performance = performance_of(run)
    if not performance.height:
        return []
    parts = (
        performance.filter(pl.col("step").str.contains(PARTS)).group_by("step").agg(pl.col("seconds").sum())
    )
    return parts.sort("seconds", "step", descending=[True, False]).head(most).to_dicts()


def machine_facts(run: SeenRun, status: RunStatus | None, steps: pl.DataFrame) -> list[tuple[str, str]]:
    """Memory and disk: of the run, and what this machine has left."""
    peak = (status.peak_memory_mb if status else None) or steps["peak_memory_mb"].max()
    disk = shutil.disk_usage(run.directory.path)
    memory = psutil.virtual_memory()
    return [
        ("Peak memory of the run", f"{peak:,.0f} MiB" if isinstance(peak, float) else "–"),
        ("Files of the run", f"{_size_on_disk(run) / 2**20:,.1f} MiB"),
        ("Memory free", f"{memory.available / 2**30:,.1f} of {memory.total / 2**30:,.1f} GiB"),
        ("Disk free", f"{disk.free / 2**30:,.1f} of {disk.total / 2**30:,.1f} GiB"),
    ]


def shards_of(run: SeenRun) -> list[dict[str, str]]:
    """How the parts of a run in shards stand: a row each; none where it is simulated in one pass."""
    rows = []
    for folder in sorted((run.directory.path / "shards").glob("*.scenarios-*")):
        status = read_status(RunDirectory(folder))
        done = (folder / "rows").is_dir()
        rows.append(
            {
                "Shard": folder.name,
                "State": "done" if done else status.status if status else "waiting",
                "Complete years": str(len(status.complete_years if status else ())),
                "Doing": "" if done or status is None else status.doing,
            }
        )
    return rows


_ROWS = "workforce rows"


def _seconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:,.{2 if seconds < 10 else 1}f} s"


def _year_state(run: SeenRun, year: int, complete: Sequence[int], is_now: bool) -> str:
    if year in complete:
        return "complete"
    if is_now:
        return run.state
    return "to come" if run.is_alive else "not simulated"


def _checks(checks: pl.DataFrame, year: int) -> str:
    if not checks.height:
        return "–"
    status = checks.filter(pl.col("simulation_year") == year)["status"]
    counts = {word: int((status == word).sum()) for word in ("pass", "warn", "fail")}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "–"


def _means(run: SeenRun) -> dict[tuple[str, int], dict[str, float]]:
    """Counts by scenario and year, as means over replicates."""
    summary = summary_of(run)
    if not summary.height:
        return {}
    rows = (pl.col("opening_headcount") + pl.col("hires")).alias("rows")
    means = summary.group_by("scenario_id", "simulation_year").agg(
        rows.mean(), *(pl.col(c).mean() for c in COUNTED)
    )
    return {
        (row["scenario_id"], row["simulation_year"]): row
        for row in means.sort("scenario_id", "simulation_year").to_dicts()
    }


def _size(run: SeenRun) -> tuple[Any, ...]:
    record = run.record
    return record.census.employees, len(record.scenarios), record.replicates, record.years


def _between(begin: str, end: str | None) -> float:
    since = seconds_since(begin)
    return since - seconds_since(end) if end else since


def _size_on_disk(run: SeenRun) -> int:
    total = 0
    for file in run.directory.path.rglob("*"):
        try:
            total += file.lstat().st_size if file.is_file() else 0
        except FileNotFoundError:  # a temporary file of the run
            continue
    return total
