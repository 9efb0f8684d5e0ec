"""A command imports what it needs and nothing else: what is slow to import shows in how soon it answers."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from flows.cli.main import SUBCOMMANDS, app
from tasks.census.sample import sample_census, write_sample

#: Packages that take a tenth of a second or more, and ours that import them.
SLOW = {
    *(
        "prefect",
        "dbt",
        "duckdb",
        "polars",
        "dataframely",
        "numpy",
        "scipy",
        "pyarrow",
        "pandas",
        "sqlalchemy",
    ),
    *("httpx", "fsspec", "jinja2", "apprise", "xlsxwriter", "vl_convert", "typst", "pptx"),
    *("streamlit", "fastapi"),
}
#: dataframely, by which a census is validated, imports numpy and sqlalchemy.
OF_A_CENSUS = {"polars", "dataframely", "numpy", "sqlalchemy"}


def _imported(*arguments: str) -> set[str]:
    """The top-level packages that a command imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "flows.cli.main", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout
    return set(re.findall(r"^import time:.*\| +(\w+)$", done.stderr, re.MULTILINE))


def test_help_imports_nothing_slow() -> None:
    assert not _imported("--help") & SLOW


def test_settings_show_imports_nothing_slow() -> None:
    assert not _imported("settings", "show") & SLOW


def test_census_check_imports_what_reads_a_census(tmp_path: Path) -> None:
    from datetime import date

    census = tmp_path / "census.csv"
    write_sample(sample_census(20, 42, date(2024, 12, 31)), census)
    imported = _imported("census", "check", str(census))
    assert "polars" in imported  # else nothing was seen
    assert not imported & (SLOW - OF_A_CENSUS)


def test_subcommands_without_prefect_do_not_import_it() -> None:
    modules = {one.home.partition(":")[0] for one in SUBCOMMANDS.values() if not one.needs_prefect}
    code = f"import sys, {', '.join(sorted(modules))}; sys.exit('prefect' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_the_list_of_subcommands_has_the_first_sentence_of_each(name: str) -> None:
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    first = " ".join(command.help.partition("\n\n")[0].split())
    assert SUBCOMMANDS[name].help == first
    assert command.name == name
