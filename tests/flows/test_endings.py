"""What the terminal says when a run ends before it is finished."""

from pathlib import Path

import pytest
import typer

from flows.cli.run import failures_reported
from tasks.runs.directory import RunDirectory

OUT_OF_MEMORY = """model int_year_pay: Runtime Error in model int_year_pay
  Out of Memory Error: failed to pin block of size 256.0 KiB (57.1 MiB/57.2 MiB used)

  Possible solutions:
  * Reducing the number of threads (SET threads=X)
  * Increasing the memory limit (SET memory_limit='...GB')

  See also https://duckdb.org/docs/stable/guides/performance/how_to_tune_workloads"""


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (KeyboardInterrupt(), KeyboardInterrupt),
        (SystemExit(143), SystemExit),
        (RuntimeError("Query interrupted"), RuntimeError),  # what DuckDB makes of a Ctrl-C
        (RuntimeError("a model failed"), typer.Exit),
    ],
)
def test_a_run_that_ends_early_says_how_to_continue(
    error: BaseException, raised: type[BaseException], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = RunDirectory(tmp_path / "half")
    directory.path.mkdir()
    directory.log.touch()
    with pytest.raises(raised), failures_reported(directory, verbose=False):
        raise error
    assert "Complete years are kept; --resume half continues the run." in capsys.readouterr().err


def test_a_run_out_of_memory_names_our_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit), failures_reported(RunDirectory(tmp_path / "run"), verbose=False):
        raise RuntimeError(OUT_OF_MEMORY)
    said = capsys.readouterr().err
    assert "(57.1 MiB/57.2 MiB used). The run needs more than machine.memory_limit: raise it" in said
    assert "SET " not in said and "duckdb.org" not in said
