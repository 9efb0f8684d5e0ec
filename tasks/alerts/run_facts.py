"""What messages say of a run beside the trouble: where it runs, how far it is, and how to go on with it.

A run that watches itself knows this. For a deployed one it is kept as labels of its flow run, since its
process may be gone when the message is written.
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
    """A run as one process works at it."""

    run_id: str
    host: str
    process: str
    complete_years: str

    @staticmethod
    def here(run_id: str, complete: Iterable[int], years: Iterable[int]) -> "RunFacts":
        """A run at work in this process."""
        return RunFacts(run_id, socket.gethostname(), str(os.getpid()), complete_of(complete, years))

    @staticmethod
    def of_labels(labels: Mapping[str, Any]) -> "RunFacts | None":
        """What the labels of a flow run say; None where it has not come to a run directory."""
        names = RunFacts.__dataclass_fields__
        if any(_PREFIX + name not in labels for name in names):
            return None
        return RunFacts(**{name: str(labels[_PREFIX + name]) for name in names})

    @property
    def labels(self) -> dict[str, bool | int | float | str]:
        """The same as labels of a flow run."""
        return {_PREFIX + name: getattr(self, name) for name in self.__dataclass_fields__}

    @property
    def attempt(self) -> str:
        """What tells this process's work at the run from that of others."""
        return f"{self.host}:{self.process}"

    @property
    def facts(self) -> dict[str, str]:
        """The lines of a message."""
        return {"Host": f"{self.host}, process {self.process}", "Complete years": self.complete_years}


def complete_of(complete: Iterable[int], years: Iterable[int]) -> str:
    """The complete years of a run, as in "2025 to 2027 of 2025 to 2029"; they have no gaps."""
    return f"{_in_words(complete)} of {_in_words(years)}"


def resume_command(run_id: str, output: Path, deployment: str | None = None) -> str:
    """The line that goes on with a run: here, or as a run of a deployment."""
    if deployment is None:
        where = [] if output == DEFAULT_OUTPUT else ["--output", str(output.resolve())]
        return shlex.join(["workforce", "run", "--resume", run_id, *where])
    where = [] if output == DEFAULT_OUTPUT else ["--param", f"output={output}"]
    return shlex.join(["prefect", "deployment", "run", deployment, "--param", f"resume={run_id}", *where])


def _in_words(years: Iterable[int]) -> str:
    found = sorted(years)
    if not found:
        return "none"
    return str(found[0]) if len(found) == 1 else f"{found[0]} to {found[-1]}"
