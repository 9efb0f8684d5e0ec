"""Workbook and exports: numbers stay numbers, formulas stay text, tables of any length."""

import csv
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import polars as pl
import pytest

from settings.errors import InputError
from tasks.results.export import SHEET_ROWS, export_tables, table_csv
from tasks.results.export_rows import SUMMED, Choice, notes
from tasks.results.report.figures import COST
from tasks.runs.calendar import register_fiscal_years
from tasks.runs.record import read_record
from tasks.system.files import check_target
from tasks.warehouse.published import view_names
from tests.awkward import FORMULA
from tests.results.exports import exported
from tests.simulate import Finished

MILLION = """
import resource, sys
from pathlib import Path
from tasks.results.export import export_tables
from tasks.system.files import check_target
from tasks.warehouse.published import published, view_names

with published(Path(sys.argv[1])) as connection:
    export_tables(connection, ["fct_workforce_events"], Path(sys.argv[2]), "xlsx")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def sheets(path: Path) -> dict[str, str]:
    """Return the XML of each sheet by its name."""
    with zipfile.ZipFile(path) as book:
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        return {
            name: book.read(f"xl/worksheets/sheet{number}.xml").decode()
            for number, name in enumerate(names, start=1)
        }


def test_the_run_writes_a_workbook_with_a_sheet_per_topic(finished: Finished) -> None:
    found = sheets(finished.run.directory.workbook)
    assert list(found)[:4] == ["Summary", "Charts", "Differences", "Cost differences"]
    assert list(found)[-4:] == ["Provenance", "Settings", "Adds up", "Columns"]
    for name, xml in found.items():
        if name not in ("Summary", "Charts"):
            assert 'state="frozen"' in xml, f"{name}: the header stays in sight"


def test_its_numbers_are_numbers(finished: Finished) -> None:
    sheet = pl.read_excel(finished.run.directory.workbook, sheet_name="Headcount")
    assert sheet.schema["Closing"].is_numeric() and sheet.schema["Growth"].is_numeric()
    expected = (
        finished.summary.group_by("scenario_id", "simulation_year")
        .agg(pl.col("ending_headcount").mean())
        .sort("scenario_id", "simulation_year")
    )
    scenarios = list(dict.fromkeys(sheet["Scenario"]))
    assert scenarios == [entry.id for entry in finished.run.settings.scenarios], "in the order given"
    sheet = sheet.sort("Scenario", "Year")
    assert sheet["Closing"].to_list() == pytest.approx(expected["ending_headcount"].to_list())
    months = pl.read_excel(finished.run.directory.workbook, sheet_name="Months")
    assert months.schema["Month"] in (pl.Date, pl.Datetime("ms"))


def test_every_column_of_every_sheet_is_explained(finished: Finished) -> None:
    path = finished.run.directory.workbook
    explained = pl.read_excel(path, sheet_name="Columns").drop_nulls()
    for name in list(sheets(path))[2:-2]:
        columns = pl.read_excel(path, sheet_name=name).columns
        assert columns == explained.filter(Sheet=name)["Column"].to_list()


def test_csv_holds_every_row_and_no_formula(
    finished: Finished, results: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (path,) = export_tables(results, ["fct_workforce_snapshot"], tmp_path / "out", "csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    simulated = finished.snapshot.filter(pl.col("simulation_year") >= 2027)
    assert len(rows) == simulated.height
    departments = {row["department"] for row in rows}
    assert f"'{FORMULA}" in departments and FORMULA not in departments
    assert sum(float(row["salary"]) for row in rows) == pytest.approx(float(simulated["salary"].sum()))


def test_amounts_of_the_reports_tables_have_two_decimals(
    finished: Finished, results: duckdb.DuckDBPyConnection
) -> None:
    register_fiscal_years(results, read_record(finished.run.directory))
    rows = list(csv.DictReader(table_csv(COST.table(results)).splitlines()))
    assert rows and all(re.fullmatch(r"\d+\.\d\d", row["Loaded cost"]) for row in rows)


def test_every_amount_of_every_table_has_two_decimals(
    results: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """By its type, in CSV, Parquet and as the cells' format; a new column of money must have the type."""
    amounts: dict[str, list[str]] = {}
    for table in view_names(results):
        view = results.view(table)
        types = dict(zip(view.columns, map(str, view.types), strict=True))
        amounts[table] = [name for name in types if re.search("salary|payroll|compensation|cost", name)]
        assert amounts[table] == [name for name, type_ in types.items() if type_.endswith(",2)")], table
    tables = [table for table in amounts if amounts[table]]
    assert len(tables) >= 7
    for path in export_tables(results, tables, tmp_path / "csv", "csv"):
        rows = pl.read_csv(path, infer_schema=False)
        cells = [cell for name in amounts[path.stem] for cell in rows[name] if cell]
        assert cells and all(re.fullmatch(r"-?\d+\.\d\d", cell) for cell in cells), path
    for path in export_tables(results, tables, tmp_path / "parquet", "parquet"):
        types = dict(pl.read_parquet_schema(path))
        for name in amounts[path.stem]:
            type_ = types[name]
            assert isinstance(type_, pl.Decimal) and type_.scale == 2, (path, name)


def test_a_negative_number_stays_a_number_in_csv(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("create view t as select -1.5 as n, '-1.5' as text, '@SUM(A1)' as more")
        (path,) = export_tables(connection, ["t"], tmp_path, "csv")
    assert path.read_text().splitlines()[1] == "-1.5,'-1.5,'@SUM(A1)"


def test_parquet_and_filters(results: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (path,) = export_tables(
        results, ["fct_year_summary"], tmp_path, "parquet", Choice(scenario="cut", year=2028)
    )
    rows = pl.read_parquet(path)
    assert rows.select("scenario_id", "simulation_year").unique().rows() == [("cut", 2028)]
    assert rows.height == 2


def test_a_workbook_of_published_rows(
    finished: Finished, results: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "export.xlsx"
    export_tables(results, ["fct_workforce_events", "fct_workforce_snapshot"], path, "xlsx", Choice("base"))
    events = pl.read_excel(path, sheet_name="workforce_events")
    mine = finished.events.filter(scenario_id="base")
    assert events.height == mine.height
    assert events["salary_after"].sum() == pytest.approx(float(mine["salary_after"].sum()))
    assert set(events["event_id"]) == set(mine["event_id"].cast(str))
    snapshot = pl.read_excel(path, sheet_name="workforce_snapshot")
    assert FORMULA in snapshot["department"].to_list(), "text is text by its type: it needs no escape"
    assert "<f>" not in sheets(path)["workforce_snapshot"]


def test_an_unknown_table_or_value_is_refused(results: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"fct_nothing: not published; published are: fct_dimension_summary"):
        export_tables(results, ["fct_nothing"], tmp_path, "csv")
    with pytest.raises(InputError, match=r"--scenario: .* has no 'x'; .*: base, cut, dear, drawn"):
        export_tables(results, ["fct_year_summary"], tmp_path, "csv", Choice(scenario="x"))
    with pytest.raises(InputError, match="--year: fct_year_summary has no 1999; published are: 2027, 2028"):
        export_tables(results, ["fct_year_summary"], tmp_path, "csv", Choice(year=1999))
    assert not list(tmp_path.iterdir())


def test_rows_of_several_replicates_get_a_note(results: duckdb.DuckDBPyConnection) -> None:
    found = notes(results, [SUMMED, "mon_data_quality"], Choice())
    ((count,),) = results.execute(f"select count(*) from {SUMMED}").fetchall()
    keys = "scenario_id, simulation_year, month, level, department, location"
    assert found == [
        f"{SUMMED}: {count:,} rows, 2 replicates of each {keys}.",
        "Their sum counts everything 2 times: --mean writes means over replicates, "
        "--replicate 1 one replicate only.",
        "Rows are of 4 scenarios (base, cut, dear, drawn): --scenario ID writes one only.",
    ]
    for quiet in (Choice("base", mean=True), Choice("base", replicate=1)):
        assert notes(results, [SUMMED], quiet) == []


def test_rows_are_sorted(dented: Path, tmp_path: Path) -> None:
    rows = exported(dented, tmp_path, SUMMED, "csv", Choice())
    keys = ["scenario_id", "replicate", "simulation_year", "month", "level", "department", "location"]
    assert rows.select(keys).rows() == sorted(rows.select(keys).rows())
    events = exported(dented, tmp_path, "fct_workforce_events", "parquet", Choice())
    keys = ["scenario_id", "replicate", "simulation_year", "employee_id", "event_sequence"]
    assert events.select(keys).rows() == sorted(events.select(keys).rows())


def test_folders_on_the_way_are_made(results: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    for file_format in ("xlsx", "csv"):
        target = tmp_path / file_format / "deep" / "out"
        check_target(target, folder=file_format == "csv")
        (path,) = export_tables(results, ["fct_year_summary"], target, file_format)  # type: ignore[arg-type]
        assert path.is_file()


def test_what_is_in_the_way_is_told_before_anything_is_done(tmp_path: Path) -> None:
    file, folder = tmp_path / "file", tmp_path / "folder"
    file.touch()
    folder.mkdir()
    for target, wanted, message in (
        (folder, False, "is a folder; a file is expected"),
        (file, True, "is a file; a folder is expected"),
        (file / "below.csv", False, f"{file} is not writable"),
    ):
        with pytest.raises(InputError, match=message):
            check_target(target, folder=wanted)


def test_a_workbook_that_cannot_be_written_is_one_error(
    results: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    with pytest.raises(OSError, match="No such file or directory"):
        export_tables(results, ["fct_year_summary"], Path("/proc/export.xlsx"), "xlsx")


@pytest.mark.slow
def test_more_than_a_million_rows_within_two_gibibytes(finished: Finished, tmp_path: Path) -> None:
    """Beyond Excel's limit of rows per sheet, so two sheets; memory of a process of its own."""
    rows = SHEET_ROWS + 10_000
    folder = tmp_path / "fct_workforce_events" / "simulation_year=2027" / "scenario_id=base"
    folder.mkdir(parents=True)
    files = finished.run.directory.results / "fct_workforce_events" / "simulation_year=2027"
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select employee_id, event_date, salary_after, draw "
            "from read_parquet($files, hive_partitioning = false), range(2000) limit $rows) "
            "to $target (format parquet)",
            {"files": f"{files}/*/*.parquet", "rows": rows, "target": str(folder / "part.parquet")},
        )
    path, script = tmp_path / "million.xlsx", tmp_path / "export_a_million.py"
    script.write_text(MILLION)
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path), str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 2048, "MiB at the most"
    with zipfile.ZipFile(path) as book:
        counts = [book.read(f"xl/worksheets/sheet{number}.xml").count(b"<row ") - 1 for number in (1, 2)]
    assert counts == [SHEET_ROWS, 10_000]
