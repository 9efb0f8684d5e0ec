"""The run directory: a folder with one DuckDB file for each run.

DIR/ID/simulation.duckdb   every table
      run.json             what was run: settings, seed, versions, totals
      status.json          its current state
      census.parquet       the validated census
      actions.parquet      the validated known actions by scenario, if there are any
      uncertainty.json     how uncertain the assumptions are, if the settings say so
      rejected.csv         census rows left out within the settings' limit
      run.log              the log
      results/TABLE/simulation_year=YEAR/*.parquet
      results.xlsx         the results as a workbook, after the run is complete
      report.html          the results as a page
      reforecast.json      the budget with which a reforecast was compared
      attribution.parquet  what each setting contributes to the differences of scenarios, for the report
DIR/latest                 the newest finished run
DIR/rejected/ID.csv        wrong census rows of a run that was refused; ID-actions.csv: wrong actions
"""

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil

from settings.errors import InputError
from tasks.system.files import private_files, replace_link

RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class RunDirectory:
    """The folder of a run and the names of its files."""

    path: Path

    @property
    def run_id(self) -> str:
        """The run id, which is the name of the folder."""
        return self.path.name

    @property
    def database(self) -> Path:
        """The DuckDB file."""
        return self.path / "simulation.duckdb"

    @property
    def record(self) -> Path:
        """The record of the run: settings, seed, versions, totals."""
        return self.path / "run.json"

    @property
    def status(self) -> Path:
        """The current state of the run."""
        return self.path / "status.json"

    @property
    def census(self) -> Path:
        """The validated census."""
        return self.path / "census.parquet"

    @property
    def actuals(self) -> Path:
        """What happened in the first fiscal year before the opening date; without past lists none exists."""
        return self.path / "actuals.parquet"

    @property
    def actions(self) -> Path:
        """The validated known actions by scenario; it does not exist in a run without any."""
        return self.path / "actions.parquet"

    @property
    def uncertainty(self) -> Path:
        """How uncertain the assumptions are; it does not exist in a run whose assumptions are certain."""
        return self.path / "uncertainty.json"

    @property
    def rejected(self) -> Path:
        """Census rows left out within the settings' limit."""
        return self.path / "rejected.csv"

    @property
    def log(self) -> Path:
        """The log."""
        return self.path / "run.log"

    @property
    def lock(self) -> Path:
        """The lock file of the run's writer."""
        return self.path / ".lock"

    @property
    def writer(self) -> Path:
        """The process that holds the lock, for messages."""
        return self.path / ".writer.json"

    @property
    def results(self) -> Path:
        """The folder of published Parquet files."""
        return self.path / "results"

    @property
    def reforecast(self) -> Path:
        """The budget with which the run was compared; only a reforecast has it."""
        return self.path / "reforecast.json"

    @property
    def attribution(self) -> Path:
        """What each setting contributes to the differences of scenarios; a run of one scenario has none."""
        return self.path / "attribution.parquet"

    @property
    def workbook(self) -> Path:
        """The results as a workbook."""
        return self.path / "results.xlsx"

    @property
    def report(self) -> Path:
        """The results as a page."""
        return self.path / "report.html"

    @contextmanager
    def being_made(self) -> Iterator["RunDirectory"]:
        """Fill the folder under a temporary name; it is renamed when the block ends without an error.

        Only the user may read it, since it holds people's pay. Raises InputError if the folder exists or
        cannot be created.
        """
        making = RunDirectory(self.path.with_name(f".{self.run_id}.{os.getpid()}.making"))
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _remove_abandoned(self.path.parent)
            making.path.mkdir(mode=0o700)
        except OSError as error:
            raise InputError(
                f"--output: no run directory can be created at {self.path}: {error.strerror}"
            ) from None
        try:
            with private_files():
                yield making
            if self.path.exists():
                raise InputError(_exists(self.path))
            making.path.rename(self.path)
        except BaseException:
            shutil.rmtree(making.path)
            raise

    def remove_half_written(self) -> None:
        """Remove files that a killed process left incomplete; call it only as the run's writer."""
        for file in (self.record, self.status, self.writer, self.report, self.workbook):
            for half in self.path.glob(f".{file.name}.*"):
                half.unlink(missing_ok=True)

    def become_latest(self) -> None:
        """Point DIR/latest to this run."""
        replace_link(self.path.parent / "latest", self.run_id)


def new_run_directory(output: Path, run_id: str | None) -> RunDirectory:
    """Return the directory of a new run without creating it; without `run_id`, one is generated.

    Raises InputError if the id is invalid or names an existing run.
    """
    run_id = run_id or f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    if not RUN_ID.fullmatch(run_id) or run_id in ("latest", "rejected"):
        raise InputError(
            f"--run-id: {run_id!r} is not a run id; allowed are letters, digits, '.', '_' and '-', "
            "beginning with a letter or digit, at most 100, and not 'latest' or 'rejected'"
        )
    directory = RunDirectory(output / run_id)
    check_place(output)
    if directory.path.exists():
        raise InputError(_exists(directory.path))
    return directory


def check_place(output: Path) -> None:
    """Raise InputError if the path of a folder contains a '?', since no run can be written there.

    DuckDB takes the text after it for parameters, and looks for a database's log in another folder. It
    resolves links, so a link to the folder does not help.
    """
    place = output.resolve()
    if "?" in str(place):
        raise InputError(
            f"--output: {place} contains a '?', and DuckDB cannot write a database there; "
            "choose another folder"
        )


def find_run_directory(output: Path, run_id: str) -> RunDirectory:
    """Return the directory of a run by its id in `output`, as `latest`, or by a path, which no id can be.

    Raises InputError if there is no such run.
    """
    is_id = RUN_ID.fullmatch(run_id) is not None
    path = output / run_id if is_id else Path(run_id)
    if (path / "run.json").is_file():
        if not is_id or path.is_symlink():
            path = path.resolve()  # the name of a run is that of its folder
        if RUN_ID.fullmatch(path.name):  # not a folder that is being made
            return RunDirectory(path)
    known = sorted(file.parent.name for file in output.glob("[!.]*/run.json") if not file.parent.is_symlink())
    raise InputError(
        f"there is no run {run_id!r}; runs in {output}: {', '.join(known[-10:]) or 'none'}. "
        "A run's id, `latest` or the path of its directory is expected; --output names the directory of runs"
    )


def _remove_abandoned(output: Path) -> None:
    """Remove unfinished folders of killed processes, since they hold people's pay."""
    for folder in output.glob(".*.*.making"):
        pid = folder.name.split(".")[-2]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)  # another process may remove it too


def _exists(path: Path) -> str:
    return f"--run-id: {path} exists already; choose another id, or remove that run"
