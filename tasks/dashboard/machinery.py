"""The figures of page Operations, from published files: steps, years, clocks, history, machine."""

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
from tasks.runs.calendar import recorded_calendar
from tasks.runs.directory import RunDirectory
from tasks.runs.earlier_runs import comparable
from tasks.runs.status import RunStatus
from tasks.text.calendar import year_label
from tasks.text.events import COUNTED

log = logging.getLogger("workforce")
Found = TypeVar("Found")

# Rows of mon_pipeline_performance that are parts of a step; pages show the step's total.
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
        """Whether the limit is exceeded."""
        return self.seconds > self.limit

    @property
    def share(self) -> float:
        """The used share of the limit, at most 1."""
        return min(1.0, self.seconds / self.limit)


def clocks(run: SeenRun, status: RunStatus | None) -> list[Clock]:
    """Return the run's clock and, while it is running, the current year's clock."""
    sla = run.record.settings["sla"]
    found = []
    if status and status.started_at:
        end = status.finished_at or (None if run.is_alive else status.heartbeat_at)
        found.append(Clock("Run", "sla.run_seconds", _between(status.started_at, end), sla["run_seconds"]))
    if status and run.is_alive and status.year_started_at:
        name = "Year" if status.year is None else f"Year {recorded_calendar(run.record).name(status.year)}"
        seconds = _between(status.year_started_at, None)
        found.append(Clock(name, "sla.year_seconds", seconds, sla["year_seconds"]))
    return found


def steps_of(run: SeenRun, status: RunStatus | None) -> pl.DataFrame:
    """Return step, simulation_year, seconds, rows and peak_memory_mb of each step, in order of execution.

    They come from the published table of a finished run, else from status.json, which has only the steps of
    the last process.
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
    """Return a row per year: its state, the seconds of each step, and the number of checks by status."""
    checks = checks_of(run)
    complete = run.complete_years
    names = list(dict.fromkeys(steps.filter(pl.col("simulation_year").is_not_null())["step"]))
    now = status.year if status else None
    doing = status.step if status and now else None
    names += [doing] if doing and doing not in names else []
    rows, calendar = [], recorded_calendar(run.record)
    for year in range(run.record.years[0], run.record.years[1] + 1):
        of_year = steps.filter(pl.col("simulation_year") == year)
        took = dict(of_year.group_by("step").agg(pl.col("seconds").sum()).iter_rows())
        is_now = year == now and year not in complete
        row = {"Year": year_label(calendar, year), "State": _year_state(run, year, complete, is_now)}
        for name in names:
            row[name] = _seconds(took.get(name))
        if is_now and doing:
            row[doing] = "failed" if run.state == "failed" else "…"
        row["All"] = _seconds(sum(took.values()) if took else None)
        row["Checks"] = _checks(checks, year)
        rows.append(row)
    return rows


def against_history(run: SeenRun, others: Iterable[SeenRun]) -> list[dict[str, Any]]:
    """Return counts by year and scenario, as means over replicates, beside those of earlier runs.

    An earlier run whose files are damaged or removed is left out.
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
    """Return finished runs of the same employees, scenarios, replicates and years, whose times compare."""
    return [other for other in others if other.state == "complete" and _size(other) == _size(run)]


def same_input(run: SeenRun, others: Sequence[SeenRun]) -> list[SeenRun]:
    """Return earlier finished runs of equal settings and census, except seed and replicates."""
    wanted = comparable(run.record)
    return [
        other
        for other in others
        if other.state == "complete"
        and other.run_id != run.run_id
        and other.record.started_at <= run.record.started_at
        and comparable(other.record) == wanted
    ]


def trend(runs: Iterable[SeenRun]) -> list[dict[str, Any]]:
    """Return the seconds of each step by run, oldest run first; runs without recorded steps are left out."""
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


def _of_each(runs: Iterable[SeenRun], read: Callable[[SeenRun], Found]) -> list[Found]:
    """Return `read` of each run; a run that cannot be read is left out and logged."""
    found = []
    for run in runs:
        try:
            found.append(read(run))
        except (OSError, duckdb.Error, pl.exceptions.PolarsError) as error:
            log.warning("run %s is left out: %s", run.run_id, str(error).splitlines()[0])
    return found


def slowest_parts(run: SeenRun, most: int = 15) -> list[dict[str, Any]]:
    """Return the dbt models and tests with the most seconds, summed over years."""
    performance = performance_of(run)
    if not performance.height:
        return []
    parts = (
        performance.filter(pl.col("step").str.contains(PARTS)).group_by("step").agg(pl.col("seconds").sum())
    )
    return parts.sort("seconds", "step", descending=[True, False]).head(most).to_dicts()


def machine_facts(run: SeenRun, status: RunStatus | None, steps: pl.DataFrame) -> list[tuple[str, str]]:
    """Return memory and disk used by the run, and free on this machine."""
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
    """Return a row per shard with its state; none if the run is simulated in one pass."""
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
    """Return counts by scenario and year, as means over replicates."""
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
