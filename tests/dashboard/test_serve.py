"""What `workforce dashboard` refuses before it starts a server, and how it looks at runs without a page."""

import importlib.util
import socket
from pathlib import Path

import pytest

from settings.errors import InputError
from tasks.dashboard.options import Options
from tasks.dashboard.runs import read_runs
from tasks.dashboard.serve import HOST, serve
from tasks.runs.directory import RunDirectory
from tasks.runs.lock import sole_writer


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(InputError, match=r"\.\[dashboard\]"):
        serve(Options(Path("runs"), show_pay=False), 0)


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(InputError, match=f"--port: {port} cannot be used"):
            serve(Options(tmp_path, show_pay=False), port)


def test_an_output_that_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(InputError, match=r"--output: .* is a file"):
        serve(Options(file, show_pay=False), 0)


def test_looking_at_runs_takes_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = RunDirectory(tmp_path / "one")
    run.path.mkdir()
    run.record.write_text("{}")
    with sole_writer(run):
        monkeypatch.setattr("filelock.FileLock.acquire", pytest.fail)
        assert len(read_runs(tmp_path).unreadable) == 1
