"""Shared by the tests of histories: reads one with settings changed by key."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from settings import load_settings
from tasks.history.accepted import History
from tasks.history.read import read_history

ReadHistory = Callable[..., History]


@pytest.fixture
def read(reads_here: None) -> ReadHistory:
    """Reads a history; further arguments are settings as key=value."""

    def read_at(path: Path, *sets: str, until: date | None = None) -> History:
        settings = load_settings(None, flags={"--history": str(path)}, sets=sets).base
        return read_history(settings, until=until)

    return read_at
