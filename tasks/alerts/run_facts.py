"""Facts about a run for messages: its host, its complete years and the command that resumes it.

A run that watches itself has these facts. For a deployed run they are stored as labels of its flow run,
since its process may have ended when the message is written.
"""

import os
import shlex
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEFAULT_OUTPUT = Path("runs")
_PREFIX = "workforce."


@dataclass(frozen=True)
class RunFacts:
    """A run in one process: host, process and complete years."""

    run_id: str
    host: str
    process: str
    complete_years: str

    @staticmethod
    def here(run_id: str, complete: Iterable[int], years: Iterable[int]) -> "RunFacts":
        """Return the facts of a run in this process."""
        return RunFacts(run_id, socket.gethostname(), str(os.getpid()), complete_of(complete, years))

    @staticmethod
    def of_labels(labels: Mapping[str, Any]) -> "RunFacts | None":
        """Return the facts from a flow run's labels; None if it has no run directory yet."""
        names = RunFacts.__dataclass_fields__
        if any(_PREFIX + name not in labels for name in names):
            return None
        return RunFacts(**{name: str(labels[_PREFIX + name]) for name in names})

    @property
    def labels(self) -> dict[str, bool | int | float | str]:
        """The facts as labels of a flow run."""
        return {_PREFIX + name: getattr(self, name) for name in self.__dataclass_fields__}

    @property
    def attempt(self) -> str:
        """Identifier of this process's attempt at the run."""
        return f"{self.host}:{self.process}"

    @property
    def facts(self) -> dict[str, str]:
        """The facts as lines of a message."""
        return {"Host": f"{self.host}, process {self.process}", "Complete years": self.complete_years}


def complete_of(complete: Iterable[int], years: Iterable[int]) -> str:
    """Return the complete years of a run, which have no gaps, as in "2025 to 2027 of 2025 to 2029"."""
    return f"{_range_text(complete)} of {_range_text(years)}"


def resume_command(run_id: str, output: Path, deployment: str | None = None) -> str:
    """Return the command that resumes a run: on this machine, or as a run of a deployment."""
    if deployment is None:
        where = [] if output == DEFAULT_OUTPUT else ["--output", str(output.resolve())]
        return shlex.join(["workforce", "run", "--resume", run_id, *where])
    where = [] if output == DEFAULT_OUTPUT else ["--param", f"output={output}"]
    return shlex.join(["prefect", "deployment", "run", deployment, "--param", f"resume={run_id}", *where])


def _range_text(years: Iterable[int]) -> str:
    found = sorted(years)
    if not found:
        return "none"
    return str(found[0]) if len(found) == 1 else f"{found[0]} to {found[-1]}"
