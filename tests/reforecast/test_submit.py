"""`workforce census submit`: a list gets under its date, whole or not at all."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from click.testing import Result
from prefect.settings import PREFECT_API_URL, temporary_settings
from typer.testing import CliRunner

from flows.cli.main import app
from settings import InputError, load_settings
from settings.models.location import Url
from tasks.reforecast import submit as submitting
from tasks.reforecast.lists import newest_lists, storage_errors
from tests.reforecast.places import (
    object_storage,
    quarter_end_list,
    write_list,
    write_settings,
    year_end_list,
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    (tmp_path / "lists").mkdir()
    write_settings(tmp_path)
    return tmp_path


def submit(*arguments: str | Path) -> Result:
    given = ["census", "submit", *map(str, arguments)]
    config = [] if "--config" in given else ["--config", "settings.yaml"]
    return CliRunner().invoke(app, [*given, *config], env={"COLUMNS": "200"})


def lists_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "lists").iterdir()}


def test_a_list_gets_under_its_date_and_twice_changes_nothing(folder: Path) -> None:
    file = write_list(year_end_list(), folder / "export_20251231.CSV")
    done = submit(file)
    assert done.exit_code == 0, done.output
    assert lists_in(folder) == {"2025-12-31.csv": file.read_bytes()}
    assert "No Prefect server was told" in done.output
    assert "workforce reforecast --config settings.yaml" in done.output
    again = submit(file, "--set", "budget.run=another")
    assert again.exit_code == 0 and "has this list already: 2025-12-31.csv" in again.output
    assert "workforce reforecast --config settings.yaml --set budget.run=another" in again.output
    assert lists_in(folder) == {"2025-12-31.csv": file.read_bytes()}


def test_other_content_needs_replace_and_one_list_per_date_is_left(folder: Path) -> None:
    old = write_list(year_end_list(), folder / "lists" / "staff-2025-12-31.csv").read_bytes()
    file = write_list(year_end_list().head(50), folder / "new.csv")
    refused = submit(file, "--date", "2025-12-31")
    assert isinstance(refused.exception, InputError)
    assert "staff-2025-12-31.csv. Nothing was copied: --replace" in str(refused.exception)
    assert lists_in(folder) == {"staff-2025-12-31.csv": old}
    done = submit(file, "--date", "2025-12-31", "--replace")
    assert done.exit_code == 0 and "instead of staff-2025-12-31.csv" in done.output
    assert lists_in(folder) == {"2025-12-31.csv": file.read_bytes()}


def test_a_bad_list_is_not_copied(folder: Path) -> None:
    rows = year_end_list().with_columns(hire_date="birth_date")
    done = submit(write_list(rows, folder / "2025-12-31.csv"), "--rejects", folder / "bad.csv")
    assert done.exit_code == 2, done.output
    assert lists_in(folder) == {} and (folder / "bad.csv").exists()


@pytest.mark.parametrize(
    ("name", "flags", "problem"),
    [
        ("staff.csv", (), "no date in the name"),
        ("2199-12-31.csv", (), "lies in the future"),
        ("2025-12-31.docx", (), "a file that ends with .csv"),
        ("staff.csv", ("--date", "31.12.2025"), "--date 31.12.2025: a date is expected"),
        ("2025-12-31.csv", ("--set", "reforecast.path=null"), "reforecast.path names no lists"),
        ("2025-12-31.csv", ("--set", "reforecast.path=https://host/x"), "at a web address cannot be listed"),
        ("2025-12-31.csv", ("--set", "reforecast.path=nowhere"), "nowhere: no such folder"),
    ],
)
def test_what_is_refused_says_what_to_do(
    folder: Path, name: str, flags: tuple[str, ...], problem: str
) -> None:
    done = submit(write_list(year_end_list(), folder / name), *flags)
    assert isinstance(done.exception, InputError) and problem in str(done.exception), done.output
    assert lists_in(folder) == {}


def test_a_file_that_changes_meanwhile_is_not_copied(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_list(year_end_list(), folder / "2025-12-31.csv")
    copy = submitting._copy

    def change_first(*arguments: object) -> None:
        write_list(year_end_list().head(5), file)
        copy(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(submitting, "_copy", change_first)
    done = submit(file)
    assert "changed while it was read" in str(done.exception)
    assert lists_in(folder) == {}


def test_a_kill_in_the_middle_leaves_no_list(folder: Path) -> None:
    write_list(year_end_list(), folder / "2025-12-31.csv")
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from tasks.reforecast import submit\n"
        "copy = submit._copy\n"
        "def stay(new, target, sha256):\n"
        "    target.write(new.file.read_bytes()[:100]); target.flush()\n"
        "    Path('half').touch(); time.sleep(60)\n"
        "submit._copy = stay\n"
        "from flows.cli.main import app\n"
        "app(['census', 'submit', '2025-12-31.csv', '--config', 'settings.yaml'])\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    process = subprocess.Popen([sys.executable, "-c", code], cwd=folder, env=environment)
    deadline = time.monotonic() + 60
    while not (folder / "half").exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert [name for name in lists_in(folder) if not name.startswith(".")] == []
    done = submit("2025-12-31.csv")
    assert done.exit_code == 0, done.output
    assert lists_in(folder)["2025-12-31.csv"] == (folder / "2025-12-31.csv").read_bytes()


def test_an_error_of_a_storage_names_the_place_without_its_password() -> None:
    login = "key:5ecret"
    with pytest.raises(InputError) as caught, storage_errors(Url(f"s3://{login}@bucket/lists")):
        raise ValueError(f'Invalid bucket name "{login}@bucket"')
    logged = "".join(traceback.format_exception(caught.value))  # as Prefect logs it
    assert "s3://***@bucket/lists cannot be used" in logged and "5ecret" not in logged


class Api(BaseHTTPRequestHandler):
    """A Prefect API whose answers are set by path; no content for events, an empty list for the rest."""

    answers: ClassVar[dict[str, int]] = {}
    events: ClassVar[list[dict[str, Any]]] = []

    def do_GET(self) -> None:
        self.send_error(404)  # it has no tokens

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = self.answers.get(self.path, 200)
        if self.path == "/api/events" and status == 200:
            self.events.extend(body)
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.mark.parametrize(
    ("answers", "is_copied", "is_told", "said"),
    [
        ({}, True, True, "has no active automation"),
        ({"/api/automations/filter": 404}, True, True, "has no active automation"),
        ({"/api/automations/filter": 500}, False, False, "failed (status 500"),
        ({"/api/events": 400}, True, False, "2025-12-31.csv is in"),
    ],
)
def test_a_server_is_told_or_the_command_says_that_it_was_not(
    folder: Path, answers: dict[str, int], is_copied: bool, is_told: bool, said: str
) -> None:
    Api.answers, Api.events = answers, []
    write_list(year_end_list(), folder / "2025-12-31.csv")
    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:{server.server_port}/api"}):
            done = submit("2025-12-31.csv")
        server.shutdown()
    assert done.exit_code == (0 if is_told else 1), done.output
    assert said in done.output + str(done.exception)
    assert bool(lists_in(folder)) == is_copied
    assert [event["event"] for event in Api.events] == ["workforce.census.submitted"] * is_told


@pytest.mark.slow
def test_lists_in_object_storage(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_list(year_end_list(), folder / "2025-12-31.csv")
    with object_storage() as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        storage = ("--set", "reforecast.path=s3://bucket/lists")
        assert submit(file, *storage).exit_code == 0
        long_ago = f"{environment['AWS_ENDPOINT_URL']}/bucket/lists/2019-12-31.csv"
        httpx.put(long_ago, content=b"not needed", trust_env=False).raise_for_status()
        quarter = write_list(quarter_end_list(3), folder / "2026-03-31.csv")
        assert submit(quarter, *storage).exit_code == 0
        assert "has this list already" in submit(quarter, *storage).output
        other = write_list(quarter_end_list(4), folder / "2026-03-31.csv")
        refused = submit(other, *storage)
        assert "s3://bucket/lists has a list of 2026-03-31 with other content" in str(refused.exception)
        assert submit(other, *storage, "--replace").exit_code == 0

        missing = submit(other, "--set", "reforecast.path=s3://key:5ecret@bucket/lists")
        assert isinstance(missing.exception, InputError) and "5ecret" not in str(missing.exception)
        missing = submit(other, "--set", "reforecast.path=s3://nobodys/lists")
        assert "s3://nobodys/lists cannot be used (FileNotFoundError" in str(missing.exception)

        settings = load_settings(folder / "settings.yaml", sets=[storage[1]], environ={}).base
        lists = newest_lists(settings)
        assert lists.newest.path.read_bytes() == other.read_bytes()
        assert sorted(path.name for path in lists.folder.iterdir()) == ["2025-12-31.csv", "2026-03-31.csv"]
        nobody = load_settings(sets=["reforecast.path=s3://bucket/none"], environ={}).base
        with pytest.raises(InputError, match=r"s3://bucket/none: no such folder"):
            newest_lists(nobody)
