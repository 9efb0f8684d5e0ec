"""`workforce runs`, `report`, `export` and `employee` as commands."""

from pathlib import Path
from shutil import copytree

import polars as pl
import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from settings.errors import InputError
from tasks.runs.directory import RunDirectory, find_run_directory
from tasks.runs.listing import list_runs
from tasks.runs.lock import sole_writer
from tasks.warehouse.published import ResultsDamaged
from tests.simulate import Finished


@pytest.fixture
def output(finished: Finished, tmp_path: Path) -> Path:
    """Two copies of the run; `latest` names the second."""
    for name in ("first", "second"):
        copytree(finished.run.directory.path, tmp_path / "runs" / name)
    RunDirectory(tmp_path / "runs" / "second").become_latest()
    return tmp_path / "runs"


def call(output: Path, *arguments: str) -> str:
    done = CliRunner().invoke(app, [*arguments, "--output", str(output)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_runs_are_listed(output: Path) -> None:
    text = call(output, "runs", "list")
    assert "second (latest)" in text and "2027–2028" in text and "base, dear" in text
    assert [entry.status for entry in list_runs(output)] == ["complete", "complete"]


@pytest.mark.parametrize("record", ["[1]", "{", '{"status": "complete"}', '{"format_version": 99}'])
def test_a_damaged_run_is_reported_beside_the_list(output: Path, record: str) -> None:
    (output / "first" / "run.json").write_text(record)
    done = CliRunner().invoke(app, ["runs", "list", "--output", str(output)], catch_exceptions=False)
    assert done.exit_code == 0
    assert "second (latest)" in done.stdout and "first" not in done.stdout
    assert done.stderr.startswith(f"Not listed: first: {output / 'first' / 'run.json'}")
    call(output, "runs", "rm", "latest", "--yes")
    assert not (output / "latest").exists(), "no readable run is left"


def test_a_removed_run_is_gone_and_latest_moves_on(output: Path) -> None:
    call(output, "runs", "rm", "latest", "--yes")
    assert not (output / "second").exists()
    assert (output / "latest").readlink().name == "first"
    call(output, "runs", "rm", "first", "--yes")
    assert not list(output.iterdir()), "nothing is left, no dangling link either"


def test_nothing_is_removed_without_confirmation(output: Path) -> None:
    done = CliRunner().invoke(app, ["runs", "rm", "first", "--output", str(output)], input="n\n")
    assert done.exit_code == 1
    assert (output / "first").is_dir()


def test_a_run_is_found_by_the_path_of_its_directory(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(output)
    for named in (str(output / "first"), "./first", "../runs/first/", "latest/../first"):
        assert find_run_directory(tmp_path / "elsewhere", named).path.resolve() == output / "first"
    assert find_run_directory(Path("elsewhere"), str(output / "latest")).run_id == "second"
    assert find_run_directory(Path(), "first").run_id == "first"
    monkeypatch.chdir(output / "first")
    assert find_run_directory(Path("elsewhere"), ".").run_id == "first"
    here, elsewhere = str(output / "first"), tmp_path / "elsewhere"
    shown = call(output, "show", "first")
    assert call(elsewhere, "show", here) == shown
    assert "Both runs have the same inputs" in call(
        elsewhere, "runs", "compare", here, str(output / "latest")
    )
    call(elsewhere, "runs", "rm", here, "--yes")
    assert not (output / "first").exists() and (output / "second").is_dir()


@pytest.mark.parametrize(
    "named", ["none/", "results", "first/results", "/", "..", "a\0/b", ".first.1.making/"]
)
def test_a_path_without_a_run_is_refused_with_what_is_allowed(
    output: Path, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    copytree(output / "first", output / ".first.1.making")
    monkeypatch.chdir(output.parent if named != ".first.1.making/" else output)
    with pytest.raises(InputError) as refused:
        call(output, "show", named)
    text = str(refused.value)
    assert text.startswith(f"there is no run {named!r}") and str(output) in text and "first, second" in text
    assert "--output" in text and "path of its directory" in text


def test_a_run_that_is_being_written_is_not_removed(output: Path) -> None:
    with sole_writer(RunDirectory(output / "first")), pytest.raises(InputError, match="was not removed"):
        call(output, "runs", "rm", "first", "--yes")
    assert (output / "first" / "run.json").is_file()


def test_report_export_and_employee(output: Path, tmp_path: Path) -> None:
    page = tmp_path / "mine.html"
    call(output, "report", "latest", "--file", str(page))
    assert "Workforce 2027 to 2028" in page.read_text()
    call(output, "export", "first", "fct_year_summary", "--format", "csv", "--file", str(tmp_path / "csv"))
    assert [file.name for file in (tmp_path / "csv").iterdir()] == ["fct_year_summary.csv"]
    with pytest.raises(InputError, match=r"--file: .*mine.csv: a name that ends in .xlsx is expected"):
        call(output, "export", "first", "--file", str(tmp_path / "mine.csv"))
    text = call(output, "employee", "first", "H2027-0000001", "--scenario", "base")
    assert "hired at" in text and "md5('42|2027|1|new_hire_termination|H2027-0000001')" in text


@pytest.mark.parametrize(
    "command",
    [
        ("show", "first"),
        ("show", "first", "--by", "segment"),
        ("report", "first"),
        ("compare", "first"),
        ("employee", "first", "E0000001"),
        ("cost", "first", "2027-03"),
        ("runs", "compare", "first", "second"),
    ],
)
def test_results_of_an_earlier_version_are_refused_in_a_sentence(
    output: Path, command: tuple[str, ...]
) -> None:
    for file in (output / "first" / "results" / "fct_year_summary").rglob("*.parquet"):
        rows = pl.read_parquet(file, hive_partitioning=False)
        rows.drop("opening_fte", "ending_fte", "transfers").write_parquet(file)
    with pytest.raises(InputError, match=r"run first is of an earlier version .* lack ending_fte, transfers"):
        call(output, *command)


def test_a_pdf_needs_a_name_that_ends_in_pdf(output: Path) -> None:
    with pytest.raises(InputError, match=r"ends in .pdf"):
        call(output, "report", "first", "--pdf", "--file", "report.html")


def test_a_complete_run_whose_results_are_missing_has_no_report(output: Path) -> None:
    for folder in (output / "first" / "results").glob("*/simulation_year=*"):
        for file in sorted(folder.rglob("*"), reverse=True):
            file.unlink() if file.is_file() else file.rmdir()
        folder.rmdir()
    with pytest.raises(ResultsDamaged, match=r"is complete, but its files .* are missing; --resume first"):
        call(output, "report", "first")
