"""Shards by way of a store that all machines reach, named by a URL: a folder, S3, or what fsspec knows.

URL/RUN_ID/input/run.json, census.parquet    what a worker needs, put there before the first shard
URL/RUN_ID/shards/NAME/status.json           of a shard at work, renewed every few seconds
URL/RUN_ID/shards/NAME/TABLE.parquet         the rows of a shard; object `complete` comes last

Workers need no file of the run directory then, and what they leave is complete or not there.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fsspec.core import url_to_fs

from settings import InputError
from tasks.ensembles.shards import Shard
from tasks.runs.directory import RunDirectory
from tasks.runs.progress import HEARTBEAT_SECONDS

log = logging.getLogger("workforce")

INPUT = ("run.json", "census.parquet")


@dataclass(frozen=True)
class Storage:
    """The store of one run."""

    url: str
    run_id: str

    def check(self) -> None:
        """Raise InputError where the store cannot be written."""
        try:
            files, base = self._open()
            files.makedirs(base, exist_ok=True)
            files.pipe_file(f"{base}/.writable", b"")
            files.rm_file(f"{base}/.writable")
        # no such protocol, its package missing, no access: each library raises its own
        except Exception as error:
            raise InputError(
                f"ensemble.storage: {self.url} cannot be written ({type(error).__name__}: {error}); allowed "
                "is the URL of a folder that exists or can be made, such as file:///shared/runs or "
                "s3://bucket/runs (which needs the extra: pip install '.[s3]')"
            ) from error

    def put_input(self, run: RunDirectory) -> None:
        """Put what workers need."""
        files, base = self._open()
        files.makedirs(f"{base}/input", exist_ok=True)
        for name in INPUT:
            files.put_file(str(run.path / name), f"{base}/input/{name}")

    def get_input(self, run: RunDirectory) -> None:
        """Get what the run put there."""
        files, base = self._open()
        run.path.mkdir(parents=True)
        for name in INPUT:
            files.get_file(f"{base}/input/{name}", str(run.path / name))

    @contextmanager
    def status_of(self, shard: Shard, run: RunDirectory) -> Iterator[None]:
        """Put the status of a shard at work every few seconds, which shows that it lives."""
        files, base = self._open()
        files.makedirs(f"{base}/shards/{shard.name}", exist_ok=True)
        target = f"{base}/shards/{shard.name}/status.json"
        ended = threading.Event()

        def put() -> None:
            try:
                files.put_file(str(shard.directory(run).status), target)
            except Exception as error:  # noqa: BLE001 - of whatever library: the status only tells
                log.warning("%s: its status did not reach the store: %s", shard.name, error)

        def beat() -> None:
            while not ended.wait(HEARTBEAT_SECONDS):
                put()

        thread = threading.Thread(target=beat, name="status-to-store", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            put()

    def get_status(self, shard: Shard) -> str | None:
        """The status that a shard's worker put last."""
        files, base = self._open()
        try:
            return str(files.cat_file(f"{base}/shards/{shard.name}/status.json"), "utf-8")
        except FileNotFoundError:
            return None

    def put_rows(self, shard: Shard, rows: Path) -> None:
        """Put the rows of a shard that is done."""
        files, base = self._open()
        target = f"{base}/shards/{shard.name}"
        files.makedirs(target, exist_ok=True)
        for file in rows.iterdir():
            files.put_file(str(file), f"{target}/{file.name}")
        files.pipe_file(f"{target}/complete", b"complete")

    def get_rows(self, shard: Shard, run: RunDirectory) -> bool:
        """Get the rows of a shard into the run directory, if they are complete; say whether they are."""
        files, base = self._open()
        source = f"{base}/shards/{shard.name}"
        files.invalidate_cache()
        if not files.exists(f"{source}/complete"):
            return False
        writing = shard.rows(run).with_name(".writing-rows")
        writing.mkdir(parents=True, exist_ok=True)
        for name in files.ls(source, detail=False):
            if name.endswith(".parquet"):
                files.get_file(name, str(writing / Path(name).name))
        writing.rename(shard.rows(run))
        return True

    def remove(self) -> None:
        """Remove what was put there."""
        files, base = self._open()
        if files.exists(base):
            files.rm(base, recursive=True)

    def _open(self) -> tuple[Any, str]:
        files, path = url_to_fs(f"{self.url.rstrip('/')}/{self.run_id}")
        return files, path.rstrip("/")
