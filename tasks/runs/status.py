"""status.json: the current state of a run, written by its process only, every few seconds.

Only this module reads and writes the file. Unknown keys are ignored: a process does not rewrite what another
one wrote.
"""

from dataclasses import asdict
from typing import Any, ClassVar, Self

from tasks.runs.directory import RunDirectory
from tasks.system.documents import Document, Moment, Part
from tasks.warehouse.steps import Step


class StepStatus(Part):
    """A completed step with its duration, rows and memory; older versions recorded less."""

    name: str
    year: int | None = None
    seconds: float | None = None
    rows: int | None = None
    peak_memory_mb: float | None = None
    database_mb: float | None = None

    @classmethod
    def of(cls, step: Step) -> Self:
        """Return the status of a step, rounded to three decimals."""
        rounded: dict[str, Any] = {
            name: round(value, 3) if isinstance(value, float) else value
            for name, value in asdict(step).items()
        }
        return cls(**rounded)


class RunStatus(Document):
    """The content of status.json."""

    newest_format: ClassVar[int] = 1
    advice: ClassVar[str] = "the next process that works on the run replaces it"

    run_id: str = ""
    status: str  # running, complete, failed, cancelled, paused
    pid: int
    host: str
    started_at: Moment | None = None  # when this process started
    years: tuple[int, int]  # first and last
    complete_years: tuple[int, ...] = ()
    year: int | None = None  # None: a step of the run, or of the state before the first year
    year_started_at: Moment | None = None
    step: str | None = None  # the current step, or the step that failed
    step_started_at: Moment | None = None
    steps: tuple[StepStatus, ...] = ()  # completed by this process
    error: str | None = None
    finished_at: Moment | None = None
    peak_memory_mb: float | None = None
    heartbeat_at: Moment

    @property
    def doing(self) -> str:
        """Year and step, as in "2026 dbt build"; empty between steps."""
        return f"{self.year or ''} {self.step or ''}".strip()


def write_status(directory: RunDirectory, status: RunStatus) -> None:
    """Replace status.json; readers see the old content or the new."""
    status.write(directory.status)


def read_status(directory: RunDirectory) -> RunStatus:
    """Return status.json.

    Raises FileNotFoundError if it does not exist yet, and InputError if it is damaged or of a newer format
    than this version reads.
    """
    return RunStatus.read(directory.status)
