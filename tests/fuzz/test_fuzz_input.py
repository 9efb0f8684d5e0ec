"""Thousands of hostile inputs: each is accepted or refused as an InputError, and none leaves half a run.

What is accepted must also be fit for what comes next: a run directory that can be read back, and tables
that hold its values.
"""

import io
import json
from collections.abc import Callable
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from settings import InputError, ResolvedSettings, load_settings
from settings.loading.document import leaves, settings_document
from settings.loading.loader import default_settings
from tasks.census.read import CensusError, write_rejects
from tasks.census.sample import sample_census
from tasks.runs.directory import RunDirectory
from tasks.runs.earlier_runs import EARLIER_RUNS
from tasks.runs.record import read_record
from tasks.runs.request import Accepted, accept_with
from tasks.runs.resume import recorded_census
from tasks.simulation.opening import create_run
from tasks.warehouse.inputs import write_checks, write_inputs

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("reads_here")]

DOCUMENT = leaves(settings_document(default_settings()))
KEYS = sorted(DOCUMENT)
COLUMNS = ("employee_id", "birth_date", "hire_date", "salary", "termination_date", "level", "department")
SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".pq", ".xlsx", ".xls", ".xlsb", ".ods", ".xlsm")


def fuzzed(examples: int) -> Callable[[Any], Any]:
    """So many examples, however slow a loaded machine is."""
    return hypothesis_settings(
        max_examples=examples,
        database=None,
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.filter_too_much,
            HealthCheck.data_too_large,
            HealthCheck.large_base_example,
        ],
    )


_numbers = count()


def try_input(folder: Path, resolved: ResolvedSettings) -> Accepted | None:
    """Accept a census with settings as a run does; None where it is refused in words."""
    directory = RunDirectory(folder / "runs" / f"run{next(_numbers)}")
    try:
        accepted = accept_with(resolved)
    except CensusError as error:
        assert str(error)
        write_rejects(error.rejects, folder / "rejected.csv")
        return None
    except InputError as error:
        assert str(error)
        return None
    finally:
        assert not directory.path.exists()
    create_run(directory, accepted)
    assert read_record(directory).census.employees == accepted.census.employees.height
    kept = recorded_census(directory)
    assert kept.employees.equals(accepted.census.employees)
    with duckdb.connect() as connection:
        write_inputs(connection, resolved.scenarios, range(1, 2), kept)
        write_checks(connection, resolved.base, kept, EARLIER_RUNS.to_frame())
    assert not list(directory.path.parent.glob(".*"))
    return accepted


TOLERANT = load_settings(environ={}, sets=["census.max_rejected_share=0.5", "census.allow_empty=true"])


def reading(resolved: ResolvedSettings, path: Path) -> ResolvedSettings:
    """The same settings with another census file."""
    census = resolved.base.census.model_copy(update={"path": path})
    base = resolved.base.model_copy(update={"census": census})
    return ResolvedSettings(base, resolved.scenarios, resolved.provenance)


def try_census(folder: Path, name: str, content: bytes) -> Accepted | None:
    (folder / name).write_bytes(content)
    return try_input(folder, reading(TOLERANT, folder / name))


# --- the census -----------------------------------------------------------------------------------


def sample_bytes(suffix: str) -> bytes:
    people = sample_census(12, 7, date(2024, 12, 31))
    target = io.BytesIO()
    match suffix:
        case ".csv":
            people.write_csv(target)
        case ".parquet":
            people.write_parquet(target)
        case ".xlsx":
            people.write_excel(target)
    return target.getvalue()


SAMPLES = {suffix: sample_bytes(suffix) for suffix in (".csv", ".parquet", ".xlsx")}

cells = st.one_of(
    st.sampled_from(
        [
            *(
                "",
                " ",
                "0",
                "-0",
                "1",
                "-1",
                "1e999",
                "1e-999",
                "NaN",
                "inf",
                "null",
                "None",
                "TRUE",
                "9" * 400,
            ),
            *(
                "=1+1",
                "+1",
                "-cmd|' /C calc'!A0",
                "@SUM(1)",
                "'x",
                '"',
                '""',
                "a\nb",
                "a\tb",
                "a,b",
                "a;b",
                "|",
            ),
            *(
                "2024-02-30",
                "2024-02-29",
                "1/2/1990",
                "31/12/1990",
                "12/31/1990",
                "0000-00-00",
                "99999-01-01",
            ),
            *("1990-01-01", "2010-07-01", "2024-05-31", "2025-01-01", "9999-12-31", "0001-01-01", "01.02.99"),
            *(
                "56000",
                "56,000.00",
                "56.000,00",
                "56'000",
                "€ 56 000",
                "56000.005",
                "(500)",
                "99999999999999.99",
            ),
            *(
                "E1",
                "00017",
                "H2025-0000001",
                "e1 ",
                "\u202eE1",
                "\ufeffE1",
                "É1",
                "E\u0301",
                "\x00",
                "\x1b[31m",
            ),
            *("٣", "½", "१९९०-०१-०१", "😀", "\ud7ff", "Staff", "1.0", "5", "99"),
        ]
    ),
    st.text(max_size=12),
    st.dates().map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str),
    st.integers().map(str),
)
headers = st.lists(
    st.one_of(st.sampled_from([*COLUMNS, *map(str.upper, COLUMNS), "Employee ID", " salary ", "ssn"]), cells),
    min_size=0,
    max_size=9,
)


def grid(draw: st.DrawFn, cell: st.SearchStrategy[Any]) -> list[list[Any]]:
    """A header, most often a sound one, and rows of about its width."""
    header = draw(st.one_of(st.just(list(COLUMNS)), headers))
    sound = ["E1", "1990-01-01", "2010-07-01", "60000", "", "1", "Sales"]
    rows = []
    for number in range(draw(st.integers(0, 5))):
        row: list[Any] = [f"E{number}", *sound[1:]] if draw(st.booleans()) else []
        row = row or draw(st.lists(cell, min_size=0, max_size=len(header) + 1))
        for place in draw(st.lists(st.integers(0, 6), max_size=2)):
            if place < len(row):
                row[place] = draw(cell)
        rows.append(row)
    return [header, *rows]


@st.composite
def csv_files(draw: st.DrawFn) -> bytes:
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    quoting = draw(st.sampled_from(["never", "always", "wild"]))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))

    def quoted(cell: str) -> str:
        if quoting == "always":
            return '"' + cell.replace('"', '""') + '"'
        return f'"{cell}' if quoting == "wild" and len(cell) % 3 == 1 else cell

    text = end.join(delimiter.join(map(quoted, row)) for row in grid(draw, cells))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"]))
    return text.encode(encoding, "replace")


typed_cells = st.one_of(
    cells,
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(min_value=date(1900, 1, 1)),
    st.datetimes(),
)


@st.composite
def excel_files(draw: st.DrawFn) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(
        target, {"nan_inf_to_errors": True, "default_date_format": "yyyy-mm-dd"}
    ) as book:
        for _ in range(draw(st.integers(1, 2))):
            sheet = book.add_worksheet()
            for row, values in enumerate(grid(draw, typed_cells)):
                for column, value in enumerate(values):
                    _write_cell(sheet, row, column, value)
    return target.getvalue()


def _write_cell(sheet: Any, row: int, column: int, value: Any) -> None:
    try:
        sheet.write(row, column, value)
    except (ValueError, TypeError, OverflowError):  # what the workbook itself cannot hold
        sheet.write_string(row, column, str(value)[:100])


@st.composite
def parquet_files(draw: st.DrawFn) -> bytes:
    rows = grid(draw, st.one_of(typed_cells, st.binary(max_size=5), st.lists(st.integers(), max_size=2)))
    frames = {}
    for place, name in enumerate(dict.fromkeys(map(str, rows[0]))):
        values = [row[place] if place < len(row) else None for row in rows[1:]]
        dtype = draw(st.sampled_from([None, pl.String]))
        texts = [None if value is None else str(value) for value in values]
        try:
            made = pl.Series(name, values, dtype=dtype, strict=False)
        except pl.exceptions.ComputeError:  # Polars finds no type for a mixture that begins with times
            made = pl.Series(name, texts)
        frames[name] = pl.Series(name, texts) if made.dtype == pl.Object else made  # no file holds objects
    target = io.BytesIO()
    pl.DataFrame(list(frames.values())).write_parquet(target)
    return target.getvalue()


@fuzzed(500)
@given(st.binary(max_size=400), st.sampled_from(SUFFIXES))
def test_any_bytes_as_a_census(tmp_path: Path, content: bytes, suffix: str) -> None:
    try_census(tmp_path, f"census{suffix}", content)


@fuzzed(500)
@given(
    st.sampled_from(sorted(SAMPLES)),
    st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=8)), min_size=1, max_size=4),
    st.floats(0, 1),
)
def test_a_damaged_census(
    tmp_path: Path, suffix: str, changes: list[tuple[float, bytes]], length: float
) -> None:
    content = bytearray(SAMPLES[suffix])
    for share, new in changes:
        place = int(share * len(content))
        content[place : place + len(new)] = new
    whole = length > 0.5
    try_census(
        tmp_path, f"census{suffix}", bytes(content if whole else content[: int(length * len(content))])
    )


@fuzzed(500)
@given(csv_files())
def test_any_cells_and_headers_in_csv(tmp_path: Path, content: bytes) -> None:
    try_census(tmp_path, "census.csv", content)


@fuzzed(200)
@given(excel_files())
def test_any_cells_in_excel(tmp_path: Path, content: bytes) -> None:
    try_census(tmp_path, "census.xlsx", content)


@fuzzed(200)
@given(parquet_files())
def test_any_cells_in_parquet(tmp_path: Path, content: bytes) -> None:
    try_census(tmp_path, "census.parquet", content)


@fuzzed(500)
@given(
    st.sampled_from([key for key in KEYS if key.startswith("census.")]),
    st.text(max_size=20)
    | st.sampled_from(["[%Y]", "utf-7", "idna", "zip", "rot13", "{salary: x}", "[salary]"]),
)
def test_any_reading_of_a_sound_census(tmp_path: Path, key: str, value: str) -> None:
    (tmp_path / "sound.csv").write_bytes(SAMPLES[".csv"])
    sets = [f"census.path={tmp_path / 'sound.csv'}", f"{key}={value}"]
    try:
        resolved = load_settings(environ={}, sets=sets)
    except InputError as error:
        assert str(error)
        return
    try_input(tmp_path, resolved)


# --- settings and scenarios -----------------------------------------------------------------------

_names = st.one_of(
    st.sampled_from([*KEYS, *{part for key in KEYS for part in key.split(".")}]),
    st.sampled_from(["1", "2", "3", "2024", "2025", "2029", "01-01", "<25", "25-34", "65+"]),
    st.text(max_size=8),
)
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.integers(-3, 10),
        st.floats(),
        st.floats(-1, 2),
        st.decimals(allow_nan=False, allow_infinity=False, places=13).map(float),
        st.text(max_size=8),
        st.sampled_from(
            ["nan", "1e400", "2025", "2025-2029", "12-31", "02-29", "../x", "=1", "a'; drop table x"]
        ),
        st.sampled_from([1e-13, 1e13, 10**30, 0.1 + 0.2, -0.0, 2**63, 2**64, 99999999999999.99]),
        st.sampled_from(list(DOCUMENT.values())),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3),
    max_leaves=8,
)


def nested(key: str, value: Any) -> dict[str, Any]:
    for part in reversed(key.split(".")):
        value = {part: value}
    return dict(value)


def merged(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Trees merged, section by section."""
    whole: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            old = whole.get(name)
            both = isinstance(old, dict) and isinstance(value, dict)
            whole[name] = merged([old, value]) if both else value  # type: ignore[list-item]
    return whole


def try_settings(folder: Path, **arguments: Any) -> None:
    """Resolve settings; with what is accepted, accept a sound census and fill the tables."""
    (folder / "sound.csv").write_bytes(SAMPLES[".csv"])
    try:
        resolved = load_settings(**{"environ": {}, **arguments})
    except InputError as error:
        assert str(error)
        return
    # before the opening date of an early start nobody of the sample was hired: refused, in words
    try_input(folder, reading(resolved, folder / "sound.csv"))


@fuzzed(500)
@given(st.lists(st.tuples(st.sampled_from(KEYS), values), min_size=1, max_size=3))
def test_any_values_of_known_settings(tmp_path: Path, chosen: list[tuple[str, Any]]) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(json.dumps(merged([nested(key, value) for key, value in chosen])), "utf-8")
    try_settings(tmp_path, config=path)


@fuzzed(500)
@given(st.lists(st.tuples(st.sampled_from(KEYS), values), min_size=1, max_size=3), st.data())
def test_any_values_in_scenarios(tmp_path: Path, chosen: list[tuple[str, Any]], data: st.DataObject) -> None:
    overrides = merged([nested(key, value) for key, value in chosen])
    document = {
        "id": data.draw(st.sampled_from(["s", "../s", "a b", "x' or 1=1", "H", ""])),
        "overrides": overrides,
    }
    path = tmp_path / "scenario.yaml"
    path.write_text(json.dumps(document | data.draw(st.dictionaries(_names, values, max_size=1))), "utf-8")
    try_settings(tmp_path, scenarios=[path])


@fuzzed(500)
@given(
    st.one_of(
        st.binary(max_size=120), st.text(max_size=120).map(lambda text: text.encode("utf-8", "replace"))
    )
)
def test_any_bytes_as_settings_and_scenario(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.yaml"
    path.write_bytes(content)
    try_settings(tmp_path, config=path)
    try_settings(tmp_path, scenarios=[path])


@fuzzed(500)
@given(st.sampled_from(KEYS), st.one_of(st.text(max_size=20), values.map(json.dumps)))
def test_any_text_in_flags_and_environment(tmp_path: Path, key: str, text: str) -> None:
    try_settings(tmp_path, sets=[f"{key}={text}"])
    try_settings(tmp_path, environ={f"WORKFORCE__{key.upper().replace('.', '__')}": text})
