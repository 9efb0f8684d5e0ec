"""`workforce runs compare`: the inputs and figures in which two runs differ."""

import json
from pathlib import Path
from shutil import copytree, rmtree

import polars as pl
import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from flows.cli.runs import runs_app
from settings.errors import InputError
from tasks.runs.directory import RunDirectory
from tasks.runs.record import read_record
from tasks.studies.compare import compare
from tasks.studies.run_compare import compare_runs, what_differs
from tasks.warehouse.published import published
from tests.records import edit
from tests.simulate import Finished


@pytest.fixture
def runs(finished: Finished, tmp_path: Path) -> tuple[RunDirectory, RunDirectory]:
    """The run, and a copy that has three employees more at the end of 2028 in scenario base."""
    copy = RunDirectory(tmp_path / "runs" / "other")
    copytree(finished.run.directory.path, copy.path)
    part = copy.results / "fct_year_summary" / "simulation_year=2028" / "scenario_id=base" / "part.parquet"
    rows = pl.read_parquet(part, hive_partitioning=False)
    rows.with_columns(ending_headcount=pl.col("ending_headcount") + 3).write_parquet(part)
    return finished.run.directory, copy


def change(directory: RunDirectory, seed: int, rate: str) -> None:
    record = json.loads(directory.record.read_text())
    record["seed"] = seed
    record["scenarios"][0]["settings"]["workforce"]["total_termination_rate"] = rate
    record["census"]["sha256"] = "0" * 64
    directory.record.write_text(json.dumps(record))


def test_figures_differ_by_what_was_changed(runs: tuple[RunDirectory, RunDirectory]) -> None:
    differences, note = compare_runs(*runs)
    assert list(differences) == ["base", "dear", "drawn", "cut"]
    headcount = differences["base"].filter(figure="headcount").sort("simulation_year")
    assert headcount["difference"].to_list() == [0, 3]
    assert headcount["standard_error"].to_list() == [0, 0], "paired: every replicate differs by as much"
    assert set(differences["cut"]["difference"].drop_nulls()) == {0}
    assert "are paired" in note


@pytest.mark.slow
def test_segments_are_compared_where_both_runs_have_them(rich: Finished, tmp_path: Path) -> None:
    copy = RunDirectory(tmp_path / "runs" / "other")
    copytree(rich.run.directory.path, copy.path)
    runs = rich.run.directory, copy
    year = copy.results / "fct_segment_summary" / "simulation_year=2028"
    part = year / "scenario_id=exact" / "part.parquet"
    rows = pl.read_parquet(part, hive_partitioning=False)
    more = pl.when(segment="others").then(2).otherwise(0)
    rows.with_columns(pl.col("hires", "ending_headcount") + more).write_parquet(part)
    differences, _ = compare_runs(*runs, by="segment")
    assert {scenario for scenario, found in differences.items() if found.height} == {
        "exact",
        "drawn",
        "rates",
    }
    changed = differences["exact"].filter(pl.col("difference") != 0)
    assert set(changed["figure"]) == {"hires", "headcount", "off_target"}
    assert set(changed.select("item", "simulation_year", "difference").rows()) == {("others", 2028, 2)}
    shown = CliRunner().invoke(
        runs_app, ["compare", "run", "run", "--by", "segment", "--output", str(runs[0].path.parent)]
    )
    assert shown.exit_code == 0 and "Transfers in" in " ".join(shown.output.split()), shown.output
    with pytest.raises(InputError, match="--by: 'segmen'"):
        compare_runs(*runs, by="segmen")


@pytest.mark.slow
def test_a_scenario_without_targets_is_compared_by_the_segments_of_the_others(rich: Finished) -> None:
    with published(rich.run.directory.results) as connection:
        segments = compare(connection, "rates").filter(breakdown="segment", scenario_id="exact")
    closing = rich.snapshot.filter(scenario_id="rates", simulation_year=2028, employment_status="active")
    names = {"Engineering": "department=Engineering", "Sales": "department=Sales"}
    segment = pl.col("department").replace_strict(names, default="others")
    counted = dict(closing.group_by(segment).len().rows())
    assert len(counted) == 3
    headcounts = segments.filter(figure="headcount", simulation_year=2028)
    assert dict(headcounts.select("item", "baseline").rows()) == counted
    # who leaves for which reason, and the target, are known of scenarios with targets alone
    assert set(segments["figure"]) == {"opening", "hires", "headcount", "transfers_in", "transfers_out"}
    moves = segments.filter(pl.col("figure").str.starts_with("transfers"))
    assert set(moves["item"]) == set(names.values())


def rename_segments(directory: RunDirectory, scenario: str, names: dict[str, str]) -> None:
    for part in directory.results.glob(f"fct_segment_summary/*/scenario_id={scenario}/part.parquet"):
        rows = pl.read_parquet(part, hive_partitioning=False)
        rows.with_columns(pl.col("segment").replace(names)).write_parquet(part)


@pytest.mark.slow
def test_segments_of_one_run_alone_are_left_out_with_the_rest(rich: Finished, tmp_path: Path) -> None:
    copy = RunDirectory(tmp_path / "runs" / "other")
    copytree(rich.run.directory.path, copy.path)
    runs = rich.run.directory, copy
    rename_segments(copy, "exact", {"department=Sales": "department=Legal"})
    differences, note = compare_runs(*runs, by="segment")
    assert set(differences["exact"]["item"]) == {"department=Engineering"}
    assert set(differences["drawn"]["item"]) == {"department=Engineering", "department=Sales", "others"}
    # without targets, and the scenarios of the other run have further segments
    assert set(differences["rates"]["item"]) == {"department=Engineering", "department=Sales", "others"}
    assert note.splitlines()[:2] == [
        "other against run, scenario exact, leaves out: 'department=Legal', which only other has; "
        "'department=Sales', which only run has; 'others', everybody outside the named segments, who are not "
        "the same people in both.",
        "other against run, scenario rates, leaves out: 'department=Legal', which only other has.",
    ]


@pytest.mark.slow
def test_compare_leaves_out_the_rest_of_other_segments_in_text_and_file(
    rich: Finished, tmp_path: Path
) -> None:
    copy = RunDirectory(tmp_path / "runs" / "other")
    copytree(rich.run.directory.path, copy.path)
    rename_segments(copy, "exact", {"department=Sales": "department=Legal"})
    file = tmp_path / "differences.csv"
    arguments = ["compare", "other", "--output", str(copy.path.parent), "--baseline", "drawn"]
    note = (
        "exact against drawn leaves out: 'department=Legal', which only exact has; 'department=Sales', which "
        "only drawn has; 'others', everybody outside the named segments, who are not the same people in both."
    )
    for more in (["--by", "segment"], ["--file", str(file)]):
        shown = CliRunner().invoke(app, [*arguments, *more], catch_exceptions=False)
        assert shown.exit_code == 0 and note in shown.output, shown.output
        assert "rates against drawn leaves out" not in shown.output
    rows = pl.read_csv(file).filter(breakdown="segment")
    assert set(rows.filter(scenario_id="exact")["item"]) == {"department=Engineering"}
    assert "others" in rows.filter(scenario_id="rates")["item"]
    rename_segments(copy, "exact", {"department=Engineering": "department=Finance"})
    record = json.loads(copy.record.read_text())
    record["scenarios"] = record["scenarios"][:2]
    copy.record.write_text(json.dumps(record))
    for folder in copy.results.glob("*/*/scenario_id=rates"):
        rmtree(folder)
    with pytest.raises(InputError) as refused:
        CliRunner().invoke(app, [*arguments, "--by", "segment"], catch_exceptions=False)
    assert str(refused.value).startswith("--by segment: nothing to compare. exact against drawn leaves out")
    assert "Give both the same segments (setting targets)" in str(refused.value)


@pytest.mark.slow
def test_runs_without_a_common_segment_are_refused_with_that_reason(rich: Finished, tmp_path: Path) -> None:
    """Each segment is in both runs, but not in the same scenario."""
    copy = RunDirectory(tmp_path / "runs" / "other")
    copytree(rich.run.directory.path, copy.path)
    names = {"department=Sales": "department=Legal", "department=Engineering": "department=Finance"}
    rename_segments(copy, "exact", names)
    record = json.loads(copy.record.read_text())
    record["scenarios"] = [each for each in record["scenarios"] if each["id"] == "exact"]
    copy.record.write_text(json.dumps(record))
    with pytest.raises(InputError) as refused:
        compare_runs(rich.run.directory, copy, by="segment")
    assert str(refused.value).startswith(
        "--by segment: nothing to compare. other against run, scenario exact, leaves out: "
        "'department=Finance', 'department=Legal', which only other has; 'department=Engineering', "
        "'department=Sales', which only run has; 'others', everybody outside"
    )
    assert "use another breakdown: department, level, location" in str(refused.value)


def test_years_of_one_run_alone_are_left_out_with_a_note(runs: tuple[RunDirectory, RunDirectory]) -> None:
    for folder in runs[1].results.glob("*/simulation_year=2027"):
        rmtree(folder)
    differences, note = compare_runs(*runs)
    assert set(differences["base"]["simulation_year"]) == {2028}
    assert "Left out: year 2027, which only run has." in note
    first = RunDirectory(runs[1].path.with_name("first"))
    copytree(runs[0].path, first.path)
    for folder in first.results.glob("*/simulation_year=2028"):
        rmtree(folder)
    with pytest.raises(InputError, match="no complete year is in both runs: first has 2027 to 2027; "):
        compare_runs(first, runs[1])


def test_scenarios_of_one_run_alone_are_left_out_with_a_note(
    runs: tuple[RunDirectory, RunDirectory],
) -> None:
    assert "eft out" not in compare_runs(*runs)[1]
    record = json.loads(runs[1].record.read_text())
    record["scenarios"] = [each for each in record["scenarios"] if each["id"] in ("base", "cut")]
    runs[1].record.write_text(json.dumps(record))
    differences, note = compare_runs(*runs)
    assert list(differences) == ["base", "cut"]
    assert "Left out: scenarios dear, drawn, which only run has." in note


def test_items_of_one_run_alone_are_left_out_with_a_note(runs: tuple[RunDirectory, RunDirectory]) -> None:
    tables = ("fct_level_summary", "fct_month_summary")
    parts = [part for table in tables for part in runs[1].results.glob(f"{table}/*/*/part.parquet")]
    for part in parts:
        rows = pl.read_parquet(part, hive_partitioning=False)
        rows.with_columns(level=pl.col("level").replace(1, 9)).write_parquet(part)
    note = compare_runs(*runs, by="level")[1]
    assert note.startswith(
        "other against run, scenario base, cut, dear and 1 more, leaves out: '9', which only other has; "
        "'1', which only run has.\n"
    )
    for part in parts:
        rows = pl.read_parquet(part, hive_partitioning=False)
        rows.with_columns(level=pl.col("level") + 10).write_parquet(part)
    with pytest.raises(InputError, match="--by level: nothing to compare"):
        compare_runs(*runs, by="level")


def test_a_breakdown_of_one_run_alone_is_refused_with_the_name_of_the_other(
    runs: tuple[RunDirectory, RunDirectory],
) -> None:
    for part in runs[1].results.glob("fct_dimension_summary/*/*/part.parquet"):
        rows = pl.read_parquet(part, hive_partitioning=False)
        rows.with_columns(dimension=pl.col("dimension").replace("location", "site")).write_parquet(part)
    with pytest.raises(InputError, match="--by: 'location' is not a breakdown of run"):
        compare_runs(*runs, by="location")


def test_settings_that_differ_are_printed_as_yaml(runs: tuple[RunDirectory, RunDirectory]) -> None:
    copytree(runs[0].path, runs[1].path.with_name("first"))
    record = json.loads(runs[1].record.read_text())
    record["scenarios"][0]["settings"]["targets"] = {"by": ["level"], "segments": [{"headcount": None}]}
    record["scenarios"][0]["settings"]["compensation"]["enforce_minimum"] = True
    runs[1].record.write_text(json.dumps(record))
    arguments = ["compare", "first", "other", "--output", str(runs[1].path.parent)]
    shown = CliRunner().invoke(runs_app, arguments, catch_exceptions=False).output
    assert "[{headcount: null}]" in shown and "true" in shown
    assert "None" not in shown and "True" not in shown


def test_runs_of_other_seeds_are_not_paired(runs: tuple[RunDirectory, RunDirectory]) -> None:
    change(runs[1], seed=43, rate="0.2")
    differences, note = compare_runs(*runs)
    payroll = differences["base"].filter(figure="payroll")
    assert payroll["standard_error"].min() > 0  # type: ignore[operator]
    assert payroll["standard_error"].equals(payroll["independent_standard_error"], check_names=False) or (
        payroll["standard_error"].to_list() == payroll["independent_standard_error"].to_list()
    )
    assert "have different seeds" in note


def test_inputs_that_differ_are_listed(runs: tuple[RunDirectory, RunDirectory]) -> None:
    records = [read_record(directory) for directory in runs]
    assert what_differs(*records) == []
    change(runs[1], seed=42, rate="0.2")
    (census, rate) = what_differs(read_record(runs[0]), read_record(runs[1]))
    assert census[0] == "Census" and "000000000000" in census[2]
    assert rate == ("base: workforce.total_termination_rate", 0.12, "0.2")


def test_what_past_lists_show_is_an_input(runs: tuple[RunDirectory, RunDirectory]) -> None:
    """history.path is no setting of the model, but the targets of the first year depend on its lists."""
    actuals = {"validated_sha256": "1" * 64, "lists": ["2024-12-31", "2025-03-31"]}
    edit(runs[1].record, actuals=actuals)
    [row] = what_differs(*map(read_record, runs))
    assert row == ("Actual months", "none", "2024-12-31, 2025-03-31 (111111111111)")


def test_the_command_prints_both(runs: tuple[RunDirectory, RunDirectory], tmp_path: Path) -> None:
    copytree(runs[0].path, tmp_path / "runs" / "first")
    arguments = ["compare", "first", "other", "--output", str(tmp_path / "runs")]
    done = CliRunner().invoke(runs_app, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    assert "Both runs have the same inputs." in done.output and "+3" in done.output


def test_replicates_of_one_run_alone_are_left_out_with_a_note(
    runs: tuple[RunDirectory, RunDirectory],
) -> None:
    assert "Only replicate" not in compare_runs(*runs)[1]
    for part in runs[1].results.glob("fct_year_summary/**/part.parquet"):
        rows = pl.read_parquet(part, hive_partitioning=False)
        rows.filter(replicate=1).write_parquet(part)
    record = json.loads(runs[1].record.read_text())
    runs[1].record.write_text(json.dumps({**record, "replicates": 1}))
    assert compare_runs(*runs)[1] == (
        "Only replicate 1, which both have, is compared (run has 2; other has 1). "
        "One replicate gives no standard errors: use --replicates 20, for example."
    )
    record["settings"]["simulation"]["first_replicate"] = 3
    runs[1].record.write_text(json.dumps(record))
    with pytest.raises(InputError, match="no replicate is in both runs: run begins with 1, other with 3"):
        compare_runs(*runs)


def test_runs_without_a_common_scenario_are_refused(runs: tuple[RunDirectory, RunDirectory]) -> None:
    record = json.loads(runs[1].record.read_text())
    record["scenarios"] = [{**record["scenarios"][0], "id": "alone"}]
    runs[1].record.write_text(json.dumps(record))
    with pytest.raises(InputError, match=r"no scenario is in both runs: run has base, .*; other has alone"):
        compare_runs(*runs)
