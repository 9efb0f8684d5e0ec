"""Each command's table on a terminal, with the six scenarios of examples/: no figure is cut."""

import fcntl
import io
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
from collections import Counter
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console
from typer.testing import CliRunner

from flows.cli import results, solve
from flows.cli.main import app
from tasks.alerts import Alert, store_of
from tasks.runs.directory import RunDirectory
from tasks.studies.goal import parse_goal
from tasks.studies.solve import Trial
from tasks.system.project import ROOT
from tasks.text.tables import WORD_WIDTH, TextTable
from tasks.text.terminal import UNLIMITED, wrapped
from tests.simulate import Finished

EXAMPLES = sorted(file.stem for file in (ROOT / "examples" / "scenarios").glob("*.yaml"))
LONG_ID = "20261124-143052-8c68"


@pytest.fixture(scope="module")
def six(finished: Finished, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The studies' run, its three scenarios twice under the names of the examples; a directory of runs."""
    output = tmp_path_factory.mktemp("six") / "runs"
    copy = RunDirectory(output / LONG_ID)
    shutil.copytree(finished.run.directory.path, copy.path)
    record = json.loads(copy.record.read_text())
    given = [entry["id"] for entry in record["scenarios"]]
    names = dict(zip(EXAMPLES, given * 2, strict=True))
    entries = {entry["id"]: entry for entry in record["scenarios"]}
    record["scenarios"] = [{**entries[old], "id": new} for new, old in names.items()]
    record["run_id"] = LONG_ID
    copy.record.write_text(json.dumps(record))
    for table in copy.results.glob("fct_*"):
        for year in table.glob("simulation_year=*"):
            for old in given:
                part = year / f"scenario_id={old}" / "part.parquet"
                if not part.exists():  # known actions are in one file for all scenarios
                    continue
                rows = pl.read_parquet(part, hive_partitioning=False)
                shutil.rmtree(part.parent)
                for new in (name for name, of in names.items() if of == old):
                    (year / f"scenario_id={new}").mkdir()
                    rows.with_columns(scenario_id=pl.lit(new)).write_parquet(
                        year / f"scenario_id={new}" / "part.parquet"
                    )
    copy.become_latest()
    shutil.copytree(copy.path, output / "a-run-whose-name-is-long-indeed")
    store = store_of(output)
    store.add(Alert("run_failed", LONG_ID, year=2026, facts={"Error": "RuntimeError: " + "x" * 90}), 60)
    return output


def tables_of(arguments: list[str]) -> list[TextTable]:
    """The tables that a command prints."""
    printed: list[TextTable] = []
    before = Console.print

    def keep(self: Console, *objects: object, **options: object) -> None:
        printed.extend(each for each in objects if isinstance(each, TextTable))
        before(self, *objects, **options)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Console, "print", keep)
        output = run(arguments)
    assert printed, output
    return printed


def run(arguments: list[str], **environment: str | None) -> str:
    return CliRunner().invoke(app, arguments, env=environment).stdout


def complain(table: TextTable, width: int) -> list[str]:
    """What is missing or cut where the table is printed on a width."""
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    words = Counter(" ".join(lines).split())
    cells = [(cell, role) for row in table.cells for cell, role in zip(row, table.roles, strict=True)]
    # a name is there once, as heading or in each row; a long word may be broken
    wanted = Counter(
        word
        for cell, role in cells
        if role not in ("group", "key")
        for word in cell.split()
        if len(word) <= WORD_WIDTH
    )
    names = {word for cell, _ in cells for word in cell.split() if len(word) < 16}
    long = {word for cell, _ in cells for word in cell.split() if len(word) > WORD_WIDTH}
    parts = {part for word in long for part in re.findall(r"[A-Za-z]{1,16}(?=[_./,:=-])", word)}
    everything = "".join(lines)
    return [
        *(f"too wide: {line}" for line in lines if len(line) > width),
        *(f"cut: {line}" for line in lines if "…" in line),
        *(f"missing: {word}" for word in (wanted - words)),
        *(f"missing: {word}" for word in names - set(words)),
        *(f"missing: {part}" for part in parts if part not in everything),
        *without_keys(table, lines),
    ]


def without_keys(table: TextTable, lines: list[str]) -> list[str]:
    """What blocks of a stacked table lack: a block begins with its heading, above a rule."""
    rules = [number for number, line in enumerate(lines) if set(line.strip()) == {"─"}]
    of = {
        role: [place for place, each in enumerate(table.roles) if each == role] for role in ("group", "key")
    }
    groups = {row[place] for row in table.cells for place in of["group"]}
    if len(rules) < 2:
        return []
    missing = []
    for number, rule in enumerate(rules):
        heading = lines[rules[number - 1] + 1 : rule] if number else lines[:rule]
        body = lines[rule + 1 : rules[number + 1]] if number + 1 < len(rules) else lines[rule + 1 :]
        first = {row[place].split()[0] for row in table.cells for place in of["key"] if row[place].split()}
        if groups and not any(line.strip() and line.strip() in " ".join(groups) for line in heading):
            missing.append(f"block {number}: no group above {heading}")
        if not groups:
            text = " ".join(body)
            missing += [f"block {number}: no {word}" for word in first if word[:10] not in text]
        elif not any(word[:10] in line for line in body for word in first):
            missing.append(f"block {number}: no key")
    return missing


COMMANDS = [
    ["show", "latest"],
    ["compare", "latest"],
    ["compare", "latest", "--by", "department"],
    ["cost", "latest", "2026-03", "--rows", "12"],
    ["employee", "latest", "E0000004"],
    ["precision", "latest"],
    ["runs", "list"],
    ["runs", "compare", "latest", "a-run-whose-name-is-long-indeed"],
    ["health"],
    ["alerts", "list"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_figure_is_shown_at_any_width(six: Path, command: list[str]) -> None:
    tables = tables_of([*command, "--output", str(six)])
    assert sum(table.row_count for table in tables) > 0
    for width in (60, 80, 200):
        assert [complaint for table in tables for complaint in complain(table, width)] == []


def test_the_path_of_solve_is_shown_at_any_width() -> None:
    goal = parse_goal("payroll@2029<=260M", range(2025, 2030))
    trials = [Trial(number, Decimal("0.0243"), 260123456.78, within=True) for number in (1, 2)]
    path = solve._trials_table(trials, goal, "workforce.new_hire_termination_rate")
    for width in (60, 80, 200):
        assert complain(path, width) == []


def test_the_width_is_that_of_columns_and_a_pipe_has_none(six: Path) -> None:
    arguments = ["runs", "list", "--output", str(six)]
    assert max(map(len, run(arguments, COLUMNS="70", LINES=None).splitlines())) <= 70
    # as a program that uses readline leaves it to the processes that it starts
    (line,) = [line for line in run(arguments, COLUMNS="70", LINES="24").splitlines() if LONG_ID in line]
    assert all(name in line for name in (*EXAMPLES, "2025–2026", "complete")), "a run is a line in a pipe"


@pytest.mark.slow
@pytest.mark.parametrize("width", [80])
def test_a_real_terminal(six: Path, width: int) -> None:
    """Whatever width a readline of some parent left in the environment."""
    lines = on_terminal(["-m", "flows.cli.main", "compare", "latest", "--output", str(six)], width)
    assert max(map(len, lines)) <= width and not any("…" in line for line in lines)
    piped = run(["compare", "latest", "--output", str(six)])
    assert Counter(re.findall(r"[+-]\d[\d,.]*", "".join(lines))) == Counter(
        re.findall(r"[+-]\d[\d,.]*", piped)
    )


def on_terminal(arguments: list[str], width: int) -> list[str]:
    """Return the lines that Python prints on a terminal of a width, on both streams, without colours."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    environment = {**os.environ, "COLUMNS": "90", "LINES": "24", "TERM": "xterm"}
    command = [sys.executable, *arguments]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, cwd=ROOT, env=environment) as done:
        os.close(theirs)
        printed = b"".join(iter(lambda: _read(ours), b"")).decode()
    os.close(ours)
    assert done.returncode == 0, printed
    return re.sub(r"\x1b\[[0-9;]*m", "", printed).splitlines()


MESSAGES = """
import logging
from tasks.runs.log import show_log
from tasks.text.terminal import say, say_error
say("warning: " + "word " * 40)
say_error("word " * 40 + "\\n    indented " + "word " * 40, "Warning:", "yellow")
show_log(logging.WARNING)
logging.getLogger("workforce").warning("alert %s", "word " * 40)
say_error("/path" * 40)
"""


@pytest.mark.parametrize("width", [60, 80])
def test_messages_and_log_lines_are_wrapped_between_words(width: int) -> None:
    *lines, path = on_terminal(["-c", MESSAGES], width)
    assert max(map(len, lines)) <= width and path == "/path" * 40
    assert " ".join(lines).split().count("word") == 160, "no word is broken"
    assert sum(line.startswith("      word") for line in lines) > 1, "an indent stays"


def test_messages_in_a_pipe_are_not_wrapped() -> None:
    assert wrapped("word " * 40, UNLIMITED) == ["word " * 40]
    assert wrapped("  one two\n三 三", 5) == ["  one", "    two", "三 三"]


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other end is closed
        return b""


def test_a_path_is_shown_as_it_is(six: Path, tmp_path: Path) -> None:
    folder = tmp_path / "m[/red] [b]out :smile:"
    arguments = ["export", "latest", "fct_year_summary", "--format", "csv", "--file", str(folder)]
    assert run([*arguments, "--output", str(six)]).strip() == str(folder / "fct_year_summary.csv")


def test_an_export_notes_on_stderr_that_rows_are_per_replicate(six: Path) -> None:
    arguments = ["export", "latest", "fct_year_summary", "--format", "csv", "--output", str(six)]
    done = CliRunner().invoke(app, [*arguments, "--scenario", "growth"])
    assert done.stdout == "export/fct_year_summary.csv\n"
    assert done.stderr == (
        "fct_year_summary: 10 rows, 5 replicates of each scenario_id, simulation_year.\n"
        "Their sum counts everything 5 times: --mean writes means over replicates, --replicate 1 one "
        "replicate only.\n"
    )
    done = CliRunner().invoke(app, [*arguments, "--scenario", "growth", "--mean"])
    assert (done.stdout, done.stderr) == ("export/fct_year_summary.csv\n", "")


def test_the_draws_of_a_timeline_are_listed_by_stream(six: Path) -> None:
    *_, streams, how = run(["employee", "latest", "E0000004", "--output", str(six)]).splitlines()
    found = re.fullmatch(r"Draws that decided events, by stream: (.+)\.", streams)
    assert found and "promotion 2025" in found[1]
    hashed = re.search(r"md5\('(\d+)\|2025\|1\|(\w+)\|E0000004'\)", how)
    assert hashed and hashed[2] in found[1]


def test_successive_years_are_a_span() -> None:
    assert results._spans([2025, 2026, 2027, 2029]) == "2025–2027, 2029"
    assert results._spans([2025]) == "2025"
