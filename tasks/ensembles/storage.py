"""Exchange of shards through a store that all machines reach, by URL: a folder, S3, or others of fsspec.

URL/RUN_ID/input/run.json, census.parquet    input of a worker, written before the first shard; and
                                             actions.parquet, uncertainty.json, if the run has them
URL/RUN_ID/shards/NAME/status.json           of a running shard, renewed every few seconds
URL/RUN_ID/shards/NAME/TABLE.parquet         the rows of a shard; object `complete` is written last

Workers then need no file of the run directory, and a shard's rows count only when complete.
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
OPTIONAL_INPUT = ("actions.parquet", "uncertainty.json")


@dataclass(frozen=True)
class Storage:
    """The store of one run."""

    url: str
    run_id: str

    def check(self) -> None:
        """Raise InputError if the store cannot be written."""
        try:
            files, base = self._open()
            files.makedirs(base, exist_ok=True)
            files.pipe_file(f"{base}/.writable", b"")
            files.rm_file(f"{base}/.writable")
        # unknown protocol, missing package, no access: each library has its own exceptions
        except Exception as error:
            raise InputError(
                f"ensemble.storage: {self.url} cannot be written ({type(error).__name__}: {error}); "
                "the URL of a folder that exists or can be created is allowed, such as file:///shared/runs "
                "or s3://bucket/runs (which needs the extra: pip install '.[s3]')"
            ) from error

    def put_input(self, run: RunDirectory) -> None:
        """Copy the input of workers into the store."""
        files, base = self._open()
        files.makedirs(f"{base}/input", exist_ok=True)
        for name in (*INPUT, *(name for name in OPTIONAL_INPUT if (run.path / name).exists())):
            files.put_file(str(run.path / name), f"{base}/input/{name}")

    def get_input(self, run: RunDirectory) -> None:
        """Copy the input from the store into a new run directory."""
        files, base = self._open()
        run.path.mkdir(parents=True)
        optional = [name for name in OPTIONAL_INPUT if files.exists(f"{base}/input/{name}")]
        for name in (*INPUT, *optional):
            files.get_file(f"{base}/input/{name}", str(run.path / name))

    @contextmanager
    def status_of(self, shard: Shard, run: RunDirectory) -> Iterator[None]:
        """Copy the status of a running shard into the store every few seconds, as its heartbeat."""
        files, base = self._open()
        files.makedirs(f"{base}/shards/{shard.name}", exist_ok=True)
        target = f"{base}/shards/{shard.name}/status.json"
        ended = threading.Event()

        def put() -> None:
            try:
                files.put_file(str(shard.directory(run).status), target)
            except Exception as error:  # noqa: BLE001 - any library's: a missing status must not stop the shard
                log.warning("%s: its status could not be copied to the store: %s", shard.name, error)

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
        """Return the last status of a shard in the store; None if there is none."""
        files, base = self._open()
        try:
            return str(files.cat_file(f"{base}/shards/{shard.name}/status.json"), "utf-8")
        except FileNotFoundError:
            return None

    def put_rows(self, shard: Shard, rows: Path) -> None:
        """Copy the rows of a complete shard into the store."""
        files, base = self._open()
        target = f"{base}/shards/{shard.name}"
        files.makedirs(target, exist_ok=True)
        for file in rows.iterdir():
            files.put_file(str(file), f"{target}/{file.name}")
        files.pipe_file(f"{target}/complete", b"complete")

    def get_rows(self, shard: Shard, run: RunDirectory) -> bool:
        """Copy the rows of a shard into the run directory if they are complete. Returns whether they are."""
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
        """Remove the run's files from the store."""
        files, base = self._open()
        if files.exists(base):
            files.rm(base, recursive=True)

    def _open(self) -> tuple[Any, str]:
        files, path = url_to_fs(f"{self.url.rstrip('/')}/{self.run_id}")
        return files, path.rstrip("/")
