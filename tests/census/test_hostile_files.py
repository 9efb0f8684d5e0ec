"""Files that crash their reader: each gives a message of one sentence; only the child process ends."""

import io
import logging
import os
import struct
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.census.read import CensusError, census_summary, read_census
from tasks.system.guarded import Limits, Refused, run_guarded
from tests.census.conftest import LEVELS, OPENING, census_settings
from tests.census.workbooks import rows_of, xlsx

HEADER = ["employee_id", "birth_date", "hire_date", "salary"]
PERSON = ["1", "1980-01-01", "2010-01-01", "60000"]
SMALL = Limits(memory="600MB", seconds=60)


def refusal(path: Path, limits: Limits = SMALL, **changes: object) -> str:
    """Read in a real child process and return the message of the error."""
    with pytest.raises(CensusError) as refused:
        read_census(path, census_settings(**changes), levels=LEVELS, opening=OPENING, limits=limits)
    message = str(refused.value)
    shown = (path.name, str(path))
    assert message.startswith(tuple(text.replace("\0", r"\x00") for text in shown)), message
    assert "Traceback" not in message and "panicked" not in message
    return message


def stray(path: Path, at: str, claimed: str = "") -> Path:
    dimension = f'<dimension ref="{claimed}"/>' if claimed else ""
    table = rows_of([HEADER, PERSON]).removesuffix("</sheetData>")
    row = at.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return xlsx(path, {"P": f'{dimension}{table}<row r="{row}"><c r="{at}"><v>1</v></c></row></sheetData>'})


def test_a_sound_file_is_read_by_a_child(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "census.xlsx", {"P": rows_of([HEADER, PERSON])})
    census = read_census(path, census_settings(), levels=LEVELS, opening=OPENING, limits=SMALL)
    assert census.employees["employee_id"].to_list() == ["1"]


def test_a_stray_cell_at_the_end_of_the_sheet(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The rectangle up to it takes half a terabyte."""
    message = refusal(stray(tmp_path / "a.xlsx", "XFD1048576", "A1:XFD1048576"))
    assert "extends to cell XFD1048576" in message and "Delete that stray cell" in message
    message = refusal(stray(tmp_path / "b.xlsx", "XFD1048576"))
    assert "takes more than 0.6 GB of memory (machine.reader_memory)" in message
    assert capfd.readouterr().err == ""


def test_a_sheet_that_only_claims_to_be_large_is_read(tmp_path: Path) -> None:
    path = stray(tmp_path / "a.xlsx", "D9", "A1:XFD1048576")
    assert "1 of 2 rows are bad" in refusal(path)


@pytest.mark.slow
@pytest.mark.parametrize("at", ["ZZZZZZZ3", "A99999999999", "A0", "3A", "A-3", "é3"])
def test_a_bad_cell_reference(tmp_path: Path, at: str, capfd: pytest.CaptureFixture[str]) -> None:
    message = refusal(stray(tmp_path / "a.xlsx", at), Limits(memory="300MB", seconds=60))
    assert "not readable" in message or "of memory" in message
    assert capfd.readouterr().err == ""


def test_a_parquet_dictionary_of_two_thousand_million_rows(tmp_path: Path) -> None:
    rows = 2_000_000_000
    path = tmp_path / "a.parquet"
    columns = {
        name: pa.array([value]).dictionary_encode() for name, value in zip(HEADER, PERSON, strict=True)
    }
    pq.write_table(pa.table(columns), path, use_dictionary=True, write_statistics=False)
    path.write_bytes(_with_rows(path.read_bytes(), rows))
    message = refusal(path)
    assert "not readable as Parquet" in message or "2,000,000,000 rows" in message


def _with_rows(content: bytes, rows: int) -> bytes:
    """The same file, claiming to have more rows: thrift has small numbers in one byte, large ones in more."""
    (length,) = struct.unpack("<I", content[-8:-4])
    footer = content[-8 - length : -8]
    # field 3 (num_rows) of FileMetaData comes after the schema: i64, value 1 as zigzag varint 0x02
    at = footer.index(b"\x16\x02\x19", footer.index(b"salary"))
    number, value = rows << 1, b""
    while number >= 128:
        value, number = value + bytes([number & 0x7F | 0x80]), number >> 7
    footer = footer[: at + 1] + value + bytes([number]) + footer[at + 2 :]
    return content[: -8 - length] + footer + struct.pack("<I", len(footer)) + b"PAR1"


@pytest.mark.slow
def test_a_parquet_column_that_unpacks_to_more_than_memory(tmp_path: Path) -> None:
    """A text of a megabyte, ten thousand times, is a file of two megabytes."""
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 10_000, pa.int32()), pa.array(["x" * 1_000_000]))
    columns = {name: pa.array([value] * 10_000) for name, value in zip(HEADER, PERSON, strict=True)}
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table(columns | {"employee_id": text}), path, compression="zstd")
    assert path.stat().st_size < 5_000_000
    assert "of memory (machine.reader_memory)" in refusal(path)


@pytest.mark.slow
def test_a_zip_bomb(tmp_path: Path) -> None:
    """400,000 cells of 1,000 characters, here a sixth of it."""
    cell = f'<c t="inlineStr"><is><t>{"x" * 1000}</t></is></c>'
    head = rows_of([HEADER]).removesuffix("</sheetData>")
    path = xlsx(tmp_path / "a.xlsx", {"P": f"{head}{f'<row>{cell * 4}</row>' * 15_000}</sheetData>"})
    assert "unpack to 62 MB or more" in refusal(path)


@pytest.mark.slow
def test_a_zip_bomb_that_understates_its_size(tmp_path: Path) -> None:
    cell = f'<c t="inlineStr"><is><t>{"x" * 1000}</t></is></c>'
    head = rows_of([HEADER]).removesuffix("</sheetData>")
    path = xlsx(tmp_path / "a.xlsx", {"P": f"{head}{f'<row>{cell * 4}</row>' * 15_000}</sheetData>"})
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    at = -1
    while (at := content.find(struct.pack("<I", size), at + 1)) >= 0:
        content[at : at + 4] = struct.pack("<I", 2000)
    path.write_bytes(content)
    assert "not readable" in refusal(path)


@pytest.mark.parametrize("name", ["/dev/zero", "pipe", "folder", "x" * 300, "a\0b"])
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    begun = time.monotonic()
    assert "\n" not in refusal(tmp_path / name)
    assert time.monotonic() - begun < 20


def test_a_child_that_takes_too_long_is_ended() -> None:
    begun = time.monotonic()
    with pytest.raises(Refused, match=r"^a\.csv: reading it takes longer than 1 seconds"):
        _guarded("sleep", seconds=1)
    assert time.monotonic() - begun < 15


def test_a_child_that_takes_too_much_memory_is_ended() -> None:
    with pytest.raises(Refused, match=r"^a\.csv: reading it takes more than 0\.2 GB of memory"):
        _guarded("hoard", memory="200MB")


@pytest.mark.parametrize("way", ["abort", "fault", "quit", "fail", "panic"])
def test_the_end_of_a_child_is_reported(
    way: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.DEBUG),
        pytest.raises(Refused, match=r"^a\.csv: not readable: the reader crashed"),
    ):
        _guarded(way)
    assert "123-45-6789" not in capfd.readouterr().err + caplog.text


def test_children_are_used_from_threads_at_once() -> None:
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: _guarded("quiet"), range(4))) == ["done"] * 4
    assert threading.active_count() < 20


def test_no_child_inherits_what_lies_in_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("polars", "settings", "json", "tasks"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken from the working folder')")
    monkeypatch.chdir(tmp_path)
    assert _guarded("quiet") == "done"


def test_the_default_limits_are_those_of_the_machine() -> None:
    half = Limits().memory_bytes
    assert 2**28 < half < 2**50
    assert Limits(memory="1.5 GiB").memory_bytes == 3 * 2**29
    assert Limits(memory="4GB").memory_bytes == 4 * 10**9


def _guarded(way: str, **limits: object) -> object:
    with Path(os.devnull).open("wb") as output:
        return run_guarded(
            "tests.census.misbehaving:misbehave", {"way": way}, output,
            Limits(**{"memory": "1GB", "seconds": 60, **limits}), subject="a.csv",  # type: ignore[arg-type]
        )  # fmt: skip


def test_names_of_columns_command_no_terminal(tmp_path: Path) -> None:
    path = tmp_path / "census.csv"
    named = "\x1b[31msalary\x1b]0;mine\x07"
    path.write_text(",".join([*HEADER[:3], named]) + "\n" + ",".join(PERSON) + "\n")
    message = refusal(path)
    assert "\\x1b[31msalary\\x1b]0;mine\\x07" in message
    assert "\x1b" not in message and "\x07" not in message

    path.write_text(",".join([*HEADER, named]) + "\n" + ",".join([*PERSON, ""]) + "\n")
    census = read_census(path, census_settings(), levels=LEVELS, opening=OPENING, limits=SMALL)
    assert "\\x1b[31msalary" in census_summary(census, OPENING)["Columns not read"].text


def test_a_file_name_commands_no_terminal(tmp_path: Path) -> None:
    with pytest.raises(CensusError) as refused:
        read_census(tmp_path / "a\x1b[2J\u202evsc.csv", census_settings(), levels=LEVELS, opening=OPENING)
    assert "a\\x1b[2J\\u202evsc.csv: no such file" in str(refused.value)
