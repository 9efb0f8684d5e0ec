"""Plays a page: writes its YAML blocks to files, runs its console blocks, and compares their output.

A YAML block begins with the file's name, as in `# plan.yaml`. In a console block a line `$ command` is run
by a shell, and the lines below it are its output; a line `…` stands for any lines.
`python -m tests.docs.tutorial FOLDER [PAGE]` plays docs/tutorial.md, or another page, in an empty folder and
writes the output into the page where it differs.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tasks.server.api import own_server
from tasks.system.project import ROOT
from tests.docs.markdown import blocks

TUTORIAL = ROOT / "docs" / "tutorial.md"
STUDIES = ROOT / "docs" / "studies.md"
COLUMNS = "100"  # of the terminal that a page shows


@dataclass(frozen=True)
class Step:
    """A command of a page, the output that the page shows, and the result of running it."""

    command: str
    shown: str
    output: str
    status: int
    errors: str

    @property
    def is_as_shown(self) -> bool:
        """Whether the output equals the page's, where `…` matches any lines."""
        lines = _lines(self.output)
        place = 0
        anywhere = False
        for line in _lines(self.shown):
            if line == "…":
                anywhere = True
                continue
            if line not in lines[place:] or (not anywhere and lines[place] != line):
                return False
            place = lines.index(line, place) + 1
            anywhere = False
        return anywhere or place == len(lines)


def play(page: Path, folder: Path, environment: Mapping[str, str]) -> Iterator[Step]:
    """Run a page's commands in a folder, and yield each step, also of a command that fails."""
    for block in blocks(page):
        if block.language == "yaml" and block.text.startswith("# "):
            name = block.text.splitlines()[0].removeprefix("# ")
            (folder / name).write_text(block.text, encoding="utf-8")
        if block.language == "console":
            for part in f"\n{block.text}".split("\n$ ")[1:]:
                command, _, shown = part.partition("\n")
                path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
                # COLUMNS is ignored if LINES is set, as a parent's readline does
                ours = {name: value for name, value in environment.items() if name != "LINES"}
                done = subprocess.run(
                    ["bash", "-c", command],
                    cwd=folder,
                    env={**ours, "PATH": path, "COLUMNS": COLUMNS},
                    capture_output=True,
                    text=True,
                    timeout=600,
                    check=False,
                )
                yield Step(command, shown, done.stdout, done.returncode, done.stderr)


def _lines(text: str) -> list[str]:
    """Return the lines that are not blank, without trailing spaces."""
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def renew(page: Path, folder: Path, environment: Mapping[str, str]) -> None:
    """Play a page and write changed output into it. Raises SystemExit if a command fails."""
    text = page.read_text(encoding="utf-8")
    for step in play(page, folder, environment):
        print(f"$ {step.command}\n{step.output}{step.errors}", flush=True)
        if step.status != 0:
            raise SystemExit(f"exit status {step.status}")
        if not step.is_as_shown:
            output = "".join(f"{line}\n" for line in _lines(step.output))
            text = text.replace(f"$ {step.command}\n{step.shown}", f"$ {step.command}\n{output}")
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home, own_server({"PREFECT_HOME": home}) as server:
        api = {"PREFECT_API_URL": server.wait(), "PREFECT_HOME": home}
        page = Path(sys.argv[2]) if len(sys.argv) > 2 else TUTORIAL
        renew(page, Path(sys.argv[1]), {**os.environ, **api})
