"""A file of actions as it is read: formats, defaults, pay, warnings, and the plans of several scenarios."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from settings.models.calendar import FiscalCalendar
from tasks.census.read import Census
from tasks.plan import read as reading
from tasks.plan.accepted import Plans, actions_summary, counts_by_year
from tasks.plan.columns import KINDS, SCHEMA
from tasks.plan.errors import ActionsError
from tasks.plan.read import read_actions, read_plans
from tasks.system.project import ROOT
from tests.census.workbooks import rows_of, xlsx
from tests.plan.conftest import CENSUS, HEADER, NAMES, Read, baseline, census_of, line, lines, scenarios_of

HIRE = {"action": "hire", "employee_id": ""}


def test_a_frame_has_the_promised_columns_types_and_defaults(read: Read) -> None:
    rows = read(["date,action,action_id,employee_id", "2026-03-31,LEAVE,x,0017"]).of_scenario("baseline")
    assert rows.schema == pl.Schema({**SCHEMA, "department": pl.String})
    assert rows.rows() == [
        ("x", "leave", date(2026, 3, 31), "0017", 1, None, None, None, None, None, Decimal(1), None)
    ]


def test_the_example_of_the_documentation_is_a_good_file(read: Read) -> None:
    text = (ROOT / "docs" / "actions.md").read_text("utf-8")
    example = next(part for part in text.split("```") if part.lstrip().startswith("action_id,"))
    file = read(example.strip().splitlines(), "plan.allow_new_values=true", known=["baseline", "growth"])
    assert set(file.rows["action"]) == set(KINDS)
    assert [text for text in file.warnings if "not in the census" not in text and "growth" not in text] == []


def test_a_missing_file_of_actions_is_named_as_one(tmp_path: Path) -> None:
    people = census_of(tmp_path, CENSUS)
    with pytest.raises(ActionsError, match=r"no such file\. Name the file of actions with --actions or plan"):
        read_actions(tmp_path / "none.csv", baseline(), people, ["baseline"])


def test_a_header_alone_is_a_file_without_actions(read: Read) -> None:
    file = read([HEADER])
    assert file.rows.is_empty() and actions_summary(file)["Actions"].value == 0


def test_the_same_actions_in_every_format(read: Read, tmp_path: Path) -> None:
    rows = [
        {**HIRE, "count": "3", "salary": "90000.50", "fte": "0.5", "probability": "0.25"},
        {"action": "transfer", "department": "Sales"},
    ]
    csv = read(lines(*rows))
    texts = [[cell.strip('"') for cell in text.split(",")] for text in lines(*rows)]
    columns = dict(zip(NAMES, zip(*texts[1:], strict=True), strict=True))
    frame = pl.DataFrame({name: pl.Series(cells).replace("", None) for name, cells in columns.items()})
    typed = frame.with_columns(
        pl.col("date").str.to_date(), pl.col("count").cast(pl.Int64),
        pl.col("probability", "fte").cast(float),
        pl.col("salary").cast(pl.Decimal(12, 2)),
    )  # fmt: skip
    typed.write_parquet(tmp_path / "actions.parquet")
    xlsx(tmp_path / "actions.xlsx", {"Plan": rows_of(texts)})
    (tmp_path / "semicolons.csv").write_bytes("\r\n".join(map(";".join, texts)).encode("utf-16"))
    for name in ("actions.parquet", "actions.xlsx", "semicolons.csv"):
        assert read(tmp_path / name).rows.equals(csv.rows), name


def test_cells_are_read_as_the_settings_of_the_census_say(read: Read) -> None:
    row = {"date": "03/04/2027", "action": "raise", "salary": "56.000", "cause": "NULL"}
    sets = ('census.date_formats=["%d/%m/%Y"]', "census.decimal_comma=true", 'census.empty_values=["NULL"]')
    (found,) = read(lines(row), *sets).rows.rows(named=True)
    assert (found["action_date"], found["salary"], found["cause"]) == (date(2027, 4, 3), 56_000, None)
    with pytest.raises(ActionsError, match="may have the day or the month first"):
        read(lines(row))
    two_digits = read(lines({"date": "31.12.27"}), 'census.date_formats=["%d.%m.%y"]')
    assert two_digits.rows["action_date"].to_list() == [date(2027, 12, 31)]


def test_a_column_may_have_the_name_by_which_the_census_has_it(read: Read) -> None:
    content = ["action_id,action,date,EEID,Dept", "x,transfer,2026-01-01,0017,Engineering"]
    sets = ("census.columns={employee_id: EEID, department: Dept}",)
    (row,) = read(content, *sets).rows.rows(named=True)
    assert (row["employee_id"], row["department"]) == ("0017", "Engineering")
    with pytest.raises(ActionsError, match="action transfer needs it"):
        read(content)


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("action_id,action,employee_id", "missing column: date"),
        ("Action ID,action,Date", "Rename columns of the file: 'Action ID' to action_id, 'Date' to date"),
        ("action_id,action,date,date", "more than one column named date"),
        ("", "It needs a header and one row per action"),
    ],
)
def test_a_header_that_does_not_fit_is_refused_without_advice_on_the_census(
    read: Read, header: str, says: str
) -> None:
    with pytest.raises(ActionsError) as refused:
        read([header])
    assert says in str(refused.value) and "census" not in str(refused.value)


def test_the_first_sheet_is_read_and_the_message_says_how_to_read_another(read: Read, tmp_path: Path) -> None:
    table = rows_of([cell.strip('"') for cell in text.split(",")] for text in lines({}))
    file = xlsx(tmp_path / "a.xlsx", {"Notes": rows_of([["Plan of 2026"]]), "Plan": table})
    with pytest.raises(ActionsError, match="Move sheet 'Plan' to the front"):
        read(file)


def test_an_unread_column_that_resembles_one_is_warned_of(
    read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    file = read(["action_id,action,date,employee_id,Probability,note", "x,leave,2026-01-01,b,0.1,why"])
    assert "column Probability is not read. Rename it if it is probability" in caplog.text
    assert file.dropped_columns == ("Probability", "note")


@pytest.mark.parametrize(
    ("row", "salary", "full_time_salary", "fte"),
    [
        # multiplied by the FTE on the date, which the simulation knows
        ({"action": "raise", "employee_id": "b", "salary": "70000"}, None, "70000", None),
        ({"action": "promote", "employee_id": "0017", "salary": "70000"}, None, "70000", None),
        ({**HIRE, "salary": "70000.01", "fte": "0.5"}, "35000.01", None, "0.5"),
        ({**HIRE, "salary": "70000"}, "70000", None, "1"),
        ({**HIRE, "fte": "0.5"}, None, None, "0.5"),
        ({**HIRE}, None, None, None),
    ],
)  # fmt: skip
def test_full_time_pay_of_hires_becomes_actual_pay(
    read: Read, row: dict[str, str], salary: str | None, full_time_salary: str | None, fte: str | None
) -> None:
    (found,) = read(lines(row), "census.salary_basis=full_time").rows.rows(named=True)
    for name, expected in (("salary", salary), ("full_time_salary", full_time_salary), ("fte", fte)):
        assert found[name] == (Decimal(expected) if expected else None)


def test_another_currency_than_the_census_has_is_refused(tmp_path: Path, read: Read) -> None:
    people = census_of(tmp_path, CENSUS.replace("60000", "EUR 60000"))
    file = tmp_path / "a.csv"
    file.write_text("\n".join(lines({"action": "raise", "salary": "$70000"})))
    with pytest.raises(ActionsError, match="has an amount in"):
        read_actions(file, baseline(), people, ["baseline"])


def test_what_may_be_a_mistake_is_a_warning(read: Read, tmp_path: Path) -> None:
    rows = (
        {"employee_id": "17"},
        {"employee_id": "gone"},
        {"employee_id": "H2026-0000001"},
        {**HIRE, "employee_id": "new"},
        {**HIRE, "action_id": "team", "count": "2"},
        {"employee_id": "H2026-team-2", "date": "2027-03-31"},
        {"employee_id": "new", "date": "2031-01-01"},
        {"action": "raise", "salary": "10000"},
        {"action": "raise", "employee_id": "b", "salary": "9000000"},
        {"action": "raise", "employee_id": "b", "salary": "30000", "scenario": "other"},
    )
    file = read(lines(*rows), known=["baseline", "other"])
    unknown, near, outside, unused, low, high, no_raise = file.warnings
    assert unknown.startswith("3 actions of employees who are not in the census at the opening, such as '17'")
    assert near.endswith("which the run does not guess: '17' in row 2: did you mean '0017'?")
    assert no_raise.startswith("1 action with pay that is no raise, such as 10,000.00 for '0017' in row 9")
    assert outside.startswith(
        "1 action outside the simulated years 2025 to 2029, such as 2031-01-01 in row 8"
    )
    assert unused.startswith("1 action of scenario other, such as row 11: it does not use this file")
    assert low.startswith("1 action with full-time pay below half of the lowest level's minimum, 56,000.00")
    assert high.endswith("such as 18,000,000.00 in row 10")


def test_the_summary_counts_actions_by_year_and_probabilities(read: Read) -> None:
    rows = (
        {},
        {**HIRE, "count": "3", "probability": "0.5"},
        {**HIRE, "date": "2027-01-01", "probability": "10%"},
    )
    file = read(lines(*rows))
    assert actions_summary(file)["With a probability"].text.startswith("2, from 0.1 to 0.5; 0.60 of them")
    assert actions_summary(file)["People hired"].text == "4"
    table = counts_by_year(file, FiscalCalendar.of("01-01", None, 2025))
    assert table.records == [
        {"Action": "leave", "2026": "1", "2027": "0", "Total": "1"},
        {"Action": "hire", "2026": "1", "2027": "1", "Total": "2"},
    ]
    assert {(each["action"], each["simulation_year"], each["rows"]) for each in table.values} == {
        ("leave", 2026, 1), ("leave", 2027, 0), ("hire", 2026, 1), ("hire", 2027, 1),
    }  # fmt: skip
    fiscal = counts_by_year(file, FiscalCalendar.of("07-01", None, 2025))
    assert [*fiscal.records[0]] == ["Action", "FY2026", "FY2027", "Total"]


def test_each_scenario_gets_its_rows_and_a_shared_file_is_read_once(
    tmp_path: Path, census: Census, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shared.csv").write_text("\n".join(lines({}, {"employee_id": "b", "scenario": "s1"})))
    (tmp_path / "own.csv").write_text("\n".join(lines({**HIRE})))
    calls = []
    real = reading.read_actions
    monkeypatch.setattr(reading, "read_actions", lambda *given: calls.append(given[0].name) or real(*given))
    scenarios = scenarios_of(
        tmp_path,
        "{plan: {actions: shared.csv}}",
        "{plan.actions: shared.csv}",
        "{plan.actions: own.csv}",
        "{}",
    )
    plans = read_plans(scenarios, census)
    assert calls == ["shared.csv", "own.csv"]
    assert {name: plan["action_id"].to_list() for name, plan in plans.by_scenario.items()} == {
        "s0": ["a0"], "s1": ["a0", "a1"], "s2": ["a0"],
    }  # fmt: skip
    again = Plans.of_table(plans.table)
    assert again.sha256 == plans.sha256 and again.by_scenario.keys() == plans.by_scenario.keys()
    assert plans.of_scenarios(["s1"]).by_scenario["s1"].equals(plans.by_scenario["s1"])
    assert Plans().sha256 is None and Plans().table.is_empty()


def test_bad_rows_of_several_files_come_at_once_with_their_files(tmp_path: Path, census: Census) -> None:
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_text("\n".join([HEADER, line(date="never")]))
    scenarios = scenarios_of(tmp_path, "{plan.actions: one.csv}", "{plan.actions: two.csv}")
    with pytest.raises(ActionsError) as refused:
        read_plans(scenarios, census)
    assert [reason.split(".csv")[0][-3:] for reason in refused.value.rejects["reason"]] == ["one", "two"]
    assert str(refused.value).count("1 of 1 actions are bad") == 2
