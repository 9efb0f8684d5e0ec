"""The cache of the parsed project: it is used again, checked for changes, and not required."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

NODES = """
from tasks.warehouse.dbt import manifest
print(*sorted(f"{key} {node.checksum.checksum}" for key, node in manifest().nodes.items()), sep="\\n")
"""


def _nodes(cache: Path, **environment: str) -> list[str]:
    """The models and tests, with their checksums, that a separate process finds."""
    done = subprocess.run(
        [sys.executable, "-c", NODES],
        env={**os.environ, "XDG_CACHE_HOME": str(cache), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.slow
def test_cached_damaged_and_absent_give_the_same_project(tmp_path: Path) -> None:
    parsed = _nodes(tmp_path)
    (kept,) = tmp_path.rglob("partial_parse.msgpack")
    written = kept.stat().st_mtime_ns
    # a process that a run started inherits which database that run uses
    assert _nodes(tmp_path, WORKFORCE_DATABASE="/elsewhere/simulation.duckdb") == parsed
    assert kept.stat().st_mtime_ns == written, "parsed again, though nothing changed"
    kept.write_bytes(kept.read_bytes()[:1000])
    assert _nodes(tmp_path) == parsed
    assert _nodes(Path("/dev/null/nowhere")) == parsed
    assert len(parsed) > 60
