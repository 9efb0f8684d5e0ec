"""The output in tutorial, studies and README is what the commands print."""

from pathlib import Path

import pytest

from tasks.system.project import ROOT
from tests.docs.markdown import blocks
from tests.docs.tutorial import STUDIES, TUTORIAL, Step, play
from tests.flows.conftest import Command, PrefectServer

README = ROOT / "README.md"


@pytest.mark.slow
@pytest.mark.timeout(1800)  # thirty commands, including five runs
def test_the_tutorial_shows_the_output_of_its_commands(prefect_server: PrefectServer, tmp_path: Path) -> None:
    assert _plays_as_shown(TUTORIAL, prefect_server, tmp_path) >= 8
    assert (tmp_path / "runs" / "meeting" / "report.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.slow
@pytest.mark.timeout(600)  # two searches, and the run that checks an answer
def test_the_searches_have_the_answers_shown(prefect_server: PrefectServer, tmp_path: Path) -> None:
    assert _plays_as_shown(STUDIES, prefect_server, tmp_path) == 3


def _plays_as_shown(page: Path, prefect_server: PrefectServer, folder: Path) -> int:
    """Play a page in a folder; returns its number of commands."""
    count = 0
    for step in play(page, folder, prefect_server.environment):
        assert step.status == 0, f"$ {step.command}\n{step.output}{step.errors}"
        assert step.is_as_shown, (
            f"$ {step.command}\nshows\n{step.shown}\nbut prints\n{step.output}\n"
            f"If that is right: python -m tests.docs.tutorial FOLDER {page}"
        )
        count += 1
    return count


@pytest.mark.slow
def test_readme_shows_what_the_main_job_prints(workforce: Command) -> None:
    done = workforce()
    assert done.returncode == 0, done.stderr
    (shown,) = [block.text for block in blocks(README) if "Workforce by year" in block.text]
    # the run's name has the time in it
    printed, expected = (text.partition("Results:")[0].split() for text in (done.stdout, shown))
    assert printed == expected, f"README shows\n{shown}\nbut the command prints\n{done.stdout}"


@pytest.mark.parametrize(
    ("shown", "is_as_shown"),
    [
        ("a\nb\nc\n", True),
        ("a\n…\n", True),
        ("…\nb\n…\n", True),
        ("…\nc\n", True),
        ("a\nc\n", False),
        ("a\nb\n", False),
        ("a\n…\nd\n", False),
        ("b\n…\n", False),
        ("", False),
    ],
)
def test_output_is_compared_line_by_line(shown: str, is_as_shown: bool) -> None:
    assert Step("command", shown, "a\n\nb  \nc\n", 0, "").is_as_shown is is_as_shown
