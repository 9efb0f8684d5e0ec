"""Wrong Prefect settings are reported before anything starts."""

import os
import subprocess
import sys

import pytest

from tasks.system.project import ROOT


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value", "message", "status"),
    [
        ("PREFECT_API_URL", "http://[", "Invalid IPv6 URL", 2),
        ("PREFECT_LOGGING_LEVEL", "loud", "PREFECT_LOGGING_LEVEL: Input should be 'DEBUG'", 2),
        ("PREFECT_API_URL", "localhost:4200/api", "PREFECT_API_URL: an http or https address", 1),
    ],
)
def test_wrong_settings_of_prefect_end_without_a_traceback(
    name: str, value: str, message: str, status: int, tmp_path: object
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flows.multi_year", "--output", str(tmp_path)],
        env={**os.environ, name: value},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
