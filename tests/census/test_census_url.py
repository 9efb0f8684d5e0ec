"""A census by its URL: fetched from a real server, and what must not be shown of the address."""

import base64
import json
import logging
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import httpx
import pytest
import yaml

from settings import InputError, explain, load_settings, secrets_apart, settings_document
from settings.models.location import Url, location, shown
from tasks.census.read import Census, read_census
from tasks.runs.directory import RunDirectory
from tasks.runs.request import RunRequest, accept, accept_census, one_reading
from tasks.server.secret_parameters import refuse_secret_parameters
from tasks.simulation.opening import create_run
from tasks.system.guarded import Limits
from tasks.system.project import SAMPLE_CENSUS
from tests.census.conftest import LEVELS, OPENING, census_settings

TABLE = (
    b"employee_id,birth_date,hire_date,salary,department\n"
    b"0101,1958-03-04,1990-05-16,61000.00,Sales\n0102,1962-11-23,1999-09-01,64500.50,Ops\n"
)
SECRETS = ("hunter2", "s3cr3t", "anna")


class _Server(BaseHTTPRequestHandler):
    """Answers by the path asked for."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        path = self.path.partition("?")[0]
        if path == "/private/census.csv":
            expected = "Basic " + base64.b64encode(b"anna:hunter2").decode()
            self._answer(200 if self.headers.get("Authorization") == expected else 401, TABLE)
        elif path == "/signed/census.csv":
            self._answer(200 if "Signature=s3cr3t" in self.path else 403, TABLE)
        elif path == "/moved":
            self._answer(302, b"", Location="/census.csv")
        elif path == "/export":
            self._answer(200, TABLE, **{"Content-Disposition": 'attachment; filename="people.csv"'})
        elif path in ("/census.csv", "/bare"):
            self._answer(200, TABLE)
        elif path == "/login.csv":
            self._answer(200, b"<!doctype html><html><body>Please sign in</body></html>")
        elif path == "/large.csv":
            self._answer(200, b"x" * 3_000_000)
        elif path == "/torn.csv":
            self._answer(200, TABLE, **{"Content-Length": "100000"})
        elif path == "/silent.csv":
            time.sleep(30)
        else:
            self._answer(404, b"")

    def _answer(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(autouse=True)
def direct(reads_here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the child, which the tests of it use, and without proxies of this machine."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def read(url: str, limits: Limits | None = None) -> Census:
    return read_census(
        Url(url), census_settings(), levels=LEVELS, opening=OPENING, limits=limits or Limits(seconds=60)
    )


def refusal(url: str, limits: Limits | None = None) -> str:
    with pytest.raises(InputError) as refused:
        read(url, limits)
    message = str(refused.value)
    assert "\n" not in message
    assert not any(secret in message for secret in SECRETS), message
    return message


@pytest.mark.parametrize("path", ["census.csv", "moved", "export", "bare", "census.csv?version=3"])
def test_a_census_is_fetched(address: str, path: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "workforce.census"):
        assert read(f"http://{address}/{path}").employees["employee_id"].to_list() == ["0101", "0102"]
    assert ("people.csv: 2 employees" in caplog.text) == (path == "export")


def test_a_child_fetches_and_another_reads(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert read(f"http://{address}/census.csv").rows_read == 2
    begun = time.monotonic()
    message = refusal(f"http://anna:hunter2@{address}/silent.csv", Limits(seconds=2))
    assert message.startswith(f"http://***@{address}/silent.csv: ") and "longer than 2 seconds" in message
    assert time.monotonic() - begun < 20


def test_a_password_or_signature_opens_what_it_should_and_is_never_shown(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "workforce"):
        assert read(f"http://anna:hunter2@{address}/private/census.csv").rows_read == 2
        assert read(f"http://{address}/signed/census.csv?X-Signature=s3cr3t").rows_read == 2
        assert "401" in refusal(f"http://anna:s3cr3t@{address}/private/census.csv")
        assert "403" in refusal(f"http://{address}/signed/census.csv?X-Amz-Signature=hunter2&a=anna")
    assert not any(secret in caplog.text for secret in SECRETS)


def test_what_goes_wrong_is_one_sentence(address: str) -> None:
    assert f"http://{address}/none.csv: the server answers 404 Not Found" in refusal(
        f"http://{address}/none.csv"
    )
    assert "cannot be fetched" in refusal("http://anna:hunter2@127.0.0.1:1/census.csv")
    assert "cannot be fetched" in refusal("http://anna:hunter2@[/census.csv")
    assert "cannot be fetched" in refusal(f"http://{address}/torn.csv?sig=s3cr3t")
    assert "it is an HTML page" in refusal(f"http://{address}/login.csv")
    message = refusal(f"http://{address}/large.csv", Limits(memory="2MB", seconds=60))
    assert "larger than the 0.0 GB of memory that reading may take (machine.reader_memory)" in message


def test_a_driver_that_is_missing_is_named_with_its_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("s3fs", "gcsfs"):
        monkeypatch.setitem(sys.modules, module, None)
    assert "pip install '.[s3]'" in refusal("s3://bucket/census.csv")
    assert "pip install gcsfs" in refusal("gs://bucket/census.csv?token=s3cr3t")
    assert "cannot be fetched" in refusal("klingon://anna:hunter2@host/census.csv")


@pytest.mark.slow
def test_a_census_is_fetched_from_object_storage(s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    for name, value in {
        "AWS_ENDPOINT_URL": s3, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "s3cr3t",
        "AWS_DEFAULT_REGION": "us-east-1", "NO_PROXY": "127.0.0.1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    assert read("s3://bucket/people/census.csv").rows_read == 2
    assert refusal("s3://bucket/none.csv") == "s3://bucket/none.csv: no such file."
    assert "s3://nobody" in refusal("s3://nobody/census.csv")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert "cannot be fetched" in refusal("s3://bucket/people/census.csv")


@pytest.fixture
def s3() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    for path, content in (("bucket", b""), ("bucket/people/census.csv", TABLE)):
        httpx.put(f"http://{host}:{port}/{path}", content=content, trust_env=False).raise_for_status()
    yield f"http://{host}:{port}"
    server.stop()


# --- the address as a setting ---------------------------------------------------------------------

SECRET = "https://anna:hunter2@hr.example.org/x/census.csv?id=7&X-Amz-Signature=s3cr3t#part"
MASKED = "https://***@hr.example.org/x/census.csv?id=***&X-Amz-Signature=***#part"


def test_a_url_stays_one_wherever_it_is_given(tmp_path: Path) -> None:
    config = tmp_path / "plan.yaml"
    config.write_text(yaml.safe_dump({"census": {"path": "s3://bucket/census.csv"}}))
    assert load_settings(config, environ={}).base.census.path == Url("s3://bucket/census.csv")
    for given in (
        load_settings(environ={}, flags={"--census": SECRET}),
        load_settings(environ={}, sets=[f"census.path={SECRET}"]),
        load_settings(environ={"WORKFORCE__CENSUS__PATH": SECRET}),
        load_settings(environ={}, flags=RunRequest(census=SECRET).flags),
    ):
        assert str(given.base.census.path) == SECRET
    config.write_text("census: {path: ~/census.csv}")
    assert load_settings(config, environ={}).base.census.path == Path.home() / "census.csv"
    config.write_text("census: {path: people/census.csv}")
    assert load_settings(config, environ={}).base.census.path == tmp_path / "people/census.csv"
    assert load_settings(environ={}, flags={"--census": "C:/x.csv"}).base.census.path == Path("C:/x.csv")


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        (SECRET, MASKED),
        ("https://host/census.csv", "https://host/census.csv"),
        ("https://token@host/a.csv", "https://***@host/a.csv"),
        ("https://anna:p@ss/w?rd@host/a.csv", None),
        ("https://anna:p@ss/word@host/a.csv", "https://***@host/a.csv"),
        ("s3://bucket/a@b.csv", "s3://bucket/a@b.csv"),
    ],
)
def test_an_address_is_masked(url: str, masked: str | None) -> None:
    assert masked is None or Url(url).masked == masked
    assert not any(part in Url(url).masked for part in ("hunter2", "s3cr3t", "anna", "token"))
    assert shown(location(url)) == Url(url).masked
    assert Url(url).holds_secret == ("@host" in url or url == SECRET)


def test_no_document_holds_the_password(tmp_path: Path) -> None:
    resolved = load_settings(environ={}, flags={"--census": SECRET})
    assert settings_document(resolved.base)["census"]["path"] == MASKED
    assert not any(secret in str(explain(resolved)) for secret in SECRETS)
    with pytest.raises(InputError) as refused:
        load_settings(environ={}, sets=[f"census.path=[{SECRET}]"])
    assert not any(secret in str(refused.value) for secret in SECRETS)


def test_run_json_names_the_file_and_masks_its_address(address: str, tmp_path: Path) -> None:
    request = RunRequest(census=f"http://anna:hunter2@{address}/private/census.csv?sig=s3cr3t")
    before = len(_Server.asked)
    with one_reading():
        accepted = accept(request)
        assert accept_census(accepted.settings)[0] is accepted.census  # fetched once
    assert len(_Server.asked) - before == 1
    directory = RunDirectory(tmp_path / "runs" / "a")
    directory.path.parent.mkdir()
    create_run(directory, accepted)
    record = directory.record.read_text("utf-8")
    assert not any(secret in record for secret in SECRETS)
    assert json.loads(record)["census"]["file"] == "census.csv"
    assert (
        json.loads(record)["settings"]["census"]["path"] == f"http://***@{address}/private/census.csv?sig=***"
    )


def test_secrets_reach_a_flow_by_the_environment(tmp_path: Path) -> None:
    sets = [f"census.path={SECRET}", "simulation.random_seed=7", "census.path=s3://bucket/a.csv"]
    given, secret = secrets_apart(sets)
    assert given == sets[1:] and secret == {"WORKFORCE__CENSUS__PATH": SECRET}
    assert secrets_apart([f"census={{path: '{SECRET}'}}"])[0] == []
    assert load_settings(environ=secret).base.census.path == Url(SECRET)


@pytest.mark.parametrize("given", [{"census": SECRET}, {"sets": (f"census.path={SECRET}",)}])
def test_a_deployments_parameters_hold_no_secret(given: dict[str, object]) -> None:
    with pytest.raises(InputError, match="WORKFORCE__CENSUS__PATH") as refused:
        refuse_secret_parameters(RunRequest(**given))  # type: ignore[arg-type]
    assert not any(secret in str(refused.value) for secret in SECRETS)


def test_the_bundled_sample_is_a_path() -> None:
    assert location(SAMPLE_CENSUS) == SAMPLE_CENSUS and location(str(SAMPLE_CENSUS)) == SAMPLE_CENSUS
