"""Each rule for a valid action: what breaks it, and what the message says."""

from pathlib import Path

import pytest

from tasks.plan.columns import KINDS
from tasks.plan.errors import ActionsError
from tasks.plan.read import read_actions
from tests.plan.conftest import CENSUS, Read, baseline, census_of, lines, scenarios_of

Row = dict[str, str]
HIRE = {"action": "hire", "employee_id": ""}
GOOD: dict[str, Row] = {
    "leave": {"cause": "voluntary", "date": "2026-12-31"},
    "hire": {**HIRE, "count": "3", "level": "2", "salary": "90000", "fte": "0.5", "department": "Sales"},
    "promote": {"action": "promote", "level": "3", "salary": "130000"},
    "transfer": {"action": "transfer", "department": "Engineering"},
    "raise": {"action": "raise", "salary": "70000"},
    "fte": {"action": "fte", "fte": "0.8"},
}


def faults(read: Read, *rows: Row, sets: tuple[str, ...] = ()) -> list[tuple[int, str, str, str]]:
    with pytest.raises(ActionsError) as refused:
        read(lines(*rows), *sets)
    return refused.value.rejects.rows()


def test_every_action_has_a_good_row_here_and_all_are_accepted_together(read: Read) -> None:
    assert list(GOOD) == list(KINDS)
    file = read(lines(*GOOD.values()))
    assert file.rows["action"].to_list() == list(KINDS)
    assert file.warnings == ()


#: A row, and the column and reason of its only fault.
BAD: list[tuple[Row, str, str]] = [
    ({"action_id": ""}, "action_id", "is missing"),
    ({"action_id": "=1"}, "action_id", "like a formula"),
    ({"action_id": "a\u200b"}, "action_id", "an invisible character"),
    ({"action": ""}, "action", "is missing; allowed: leave, hire, promote, transfer, raise, fte"),
    ({"action": "hier"}, "action", "is not an action; did you mean hire?"),
    ({"date": ""}, "date", "is missing; allowed: 2020-01-31"),
    ({"date": "2026-02-30"}, "date", "is not a date"),
    ({"date": "soon"}, "date", "is not a date"),
    ({"employee_id": " "}, "employee_id", "is missing: action leave needs it"),
    ({"employee_id": "@x"}, "employee_id", "like a formula"),
    ({"cause": "volunteer"}, "cause", "is not a cause of termination; did you mean voluntary?"),
    ({"cause": "reduction_in_force"}, "cause", "allowed: voluntary; empty: drawn"),
    ({"salary": "5000"}, "salary", "is not for action leave; allowed: an empty cell. It takes date"),
    ({"count": "1"}, "count", "is not for action leave"),
    ({"department": "Sales"}, "department", "is not for action leave"),
    ({"probability": "0"}, "probability", "is not a probability; allowed: above 0 to 1"),
    ({"probability": "1.01"}, "probability", "is not a probability"),
    ({"probability": "likely"}, "probability", "is not a probability"),
    ({"scenario": "basline"}, "scenario", "is not a scenario of the run; did you mean baseline?"),
    ({"action": "promote", "employee_id": ""}, "employee_id", "action promote needs it"),
    ({"action": "promote", "level": "9"}, "level", "is not a level; allowed: 1, 2, 3, 4, 5; empty: "),
    ({"action": "promote", "level": "VP"}, "level", "is not a level"),
    ({"action": "promote", "department": "Sales"}, "department", "is not for action promote"),
    ({"action": "raise"}, "salary", "is missing: action raise needs it"),
    ({"action": "raise", "salary": "much"}, "salary", "is not an amount"),
    ({"action": "raise", "salary": "0"}, "salary", "is not above 0"),
    ({"action": "raise", "salary": "-1"}, "salary", "is not above 0"),
    ({"action": "raise", "salary": "9999999999"}, "salary", "is not an amount"),
    ({"action": "fte"}, "fte", "is missing: action fte needs it"),
    ({"action": "fte", "fte": "50"}, "fte", "is not an FTE; allowed: from above 0 to 1"),
    ({"action": "fte", "fte": "0.5", "salary": "1"}, "salary", "is not for action fte"),
    ({"action": "transfer"}, "", "a transfer needs the value of at least one dimension: department"),
    ({"action": "transfer", "department": "(none)"}, "", "a transfer needs the value"),
    ({"action": "transfer", "department": "Sails"}, "department", "that nobody has; did you mean Sales?"),
    ({**HIRE, "employee_id": "0017"}, "employee_id", "is an employee of the census"),
    ({**HIRE, "employee_id": "gone"}, "employee_id", "is an employee of the census"),
    ({**HIRE, "employee_id": "H2026-0000001"}, "employee_id", "reserved for simulated hires"),
    ({**HIRE, "employee_id": "new", "count": "2"}, "count", "is more than one person"),
    ({**HIRE, "count": "0"}, "count", "is not a number of people; allowed: 1 to 1,000,000; empty: 1"),
    ({**HIRE, "count": "1.5"}, "count", "is not a number of people"),
    ({**HIRE, "count": "1000001"}, "count", "is not a number of people"),
    ({**HIRE, "cause": "voluntary"}, "cause", "is not for action hire"),
]  # fmt: skip


def test_a_bad_cell_is_named_with_its_row_and_what_is_allowed(read: Read) -> None:
    # a year of its own for each row, so that none is one action too many
    rows = [{"date": f"{2100 + i}-03-31", **row} for i, (row, *_) in enumerate(BAD)]
    found = faults(read, {}, *rows)
    assert [number for number, *_ in found] == list(range(3, len(BAD) + 3))
    for (row, column, says), (_, name, value, reason) in zip(BAD, found, strict=True):
        assert (name, value) == (column, row.get(column, "").strip()), row
        assert says in reason, row


def test_all_faults_of_all_rows_come_at_once(read: Read) -> None:
    found = faults(read, {"salary": "1", "cause": "x"}, {}, {"action": "hire", "level": "9"})
    assert [(number, name) for number, name, *_ in found] == [
        (2, "salary"), (2, "cause"), (4, "level"), (4, "employee_id"),
    ]  # fmt: skip


def test_ids_are_unique_and_each_names_the_other_row(read: Read) -> None:
    found = faults(read, {"action_id": "x"}, {"action_id": "y"}, {"action_id": " x "})
    assert [(number, reason.split(";")[0]) for number, _, _, reason in found] == [
        (2, "is also in row 4"),
        (4, "is also in row 2"),
    ]


def test_new_values_are_allowed_where_settings_say_so(read: Read) -> None:
    row = {"action": "transfer", "department": "Robotics"}
    assert "plan.allow_new_values: true" in faults(read, row)[0][3]
    assert read(lines(row), "plan.allow_new_values=true").rows["department"].to_list() == ["Robotics"]
    assert "formula" in faults(read, {**row, "department": "=A1"}, sets=("plan.allow_new_values=true",))[0][3]


def test_values_of_a_hiring_mix_are_known(read: Read) -> None:
    mix = "hiring.dimension_mix=[{values: {department: Robotics}, share: 1}]"
    assert read(lines({"action": "transfer", "department": "Robotics"}), mix).rows.height == 1


def test_one_promotion_per_employee_year_and_scenario(read: Read, tmp_path: Path) -> None:
    def promotion(**cells: str) -> Row:
        return {"action": "promote", **cells}

    spread = promotion(), promotion(date="2027-03-31"), promotion(employee_id="b")
    assert read(lines(*spread)).rows.height == 3
    ((row, column, _, reason),) = faults(read, promotion(), promotion(date="2026-12-31", probability="0.1"))
    assert (row, column) == (3, "action") and "second promotion of 0017 in 2026, after row 2" in reason
    both = scenarios_of(tmp_path, "{}", "{}")
    apart = lines(promotion(scenario="s0"), promotion(scenario="s1"))
    assert read(apart, scenarios=both).rows.height == 2
    with pytest.raises(ActionsError, match="second promotion"):
        read(lines(promotion(), promotion(scenario="s1")), scenarios=both)


NEXT = {"date": "2027-03-31"}
TOP = {"employee_id": "top"}
#: Promotions, of 0017 at level 1 unless they say otherwise, and rows with a fault and its reason.
NOT_RISING: list[tuple[tuple[Row, ...], dict[int, str]]] = [
    (
        ({"level": "1"},),
        {2: "'1' is not a higher level: 0017 has at least level 1 then, the level in the census"},
    ),
    (({**TOP, "level": "3"},), {2: "level 4 then, the level in the census; allowed: 5; empty: one up"}),
    (
        (TOP, TOP | NEXT),
        {3: "level 5 then, the level after the promotion of row 2, and there is no higher one"},
    ),
    ((TOP, TOP | NEXT | {"level": "5"}), {3: "; allowed: no promotion"}),
    (({"level": "3"}, {"level": "3", **NEXT}), {3: "level after the promotion of row 2; allowed: 4, 5"}),
    (({"level": "3", **NEXT}, {"level": "2"}), {}),  # by date, not by row
    (({"level": "2", **NEXT}, {"level": "3"}), {2: "the level after the promotion of row 3"}),
    (({"level": "3"}, {"level": "2", **NEXT}, {"level": "4", "date": "2028-03-31"}), {3: "row 2"}),
    (({"level": "3", "probability": "0.5"}, {"level": "2", **NEXT}), {}),  # both can happen
    (({}, {"level": "2", **NEXT}), {3: "at least level 2 then, the level after the promotion of row 2"}),
    (({"level": "1", "date": "2024-03-31"}, {"level": "1", "date": "2040-01-01"}), {}),  # not simulated
    (({"employee_id": "nobody", "level": "1"},), {2: "the lowest level"}),
    (({"employee_id": "gone", "level": "2"},), {}),  # not employed, which is a warning
]


@pytest.mark.parametrize(("rows", "expected"), NOT_RISING)
def test_a_promotion_rises(
    tmp_path: Path, reads_here: None, rows: tuple[Row, ...], expected: dict[int, str]
) -> None:
    people = census_of(tmp_path, f"{CENSUS}top,1970-01-01,2000-01-01,170000,,,Sales\n")
    (tmp_path / "a.csv").write_text("\n".join(lines(*({"action": "promote", **row} for row in rows))))
    if not expected:
        assert read_actions(tmp_path / "a.csv", baseline(), people, ["baseline"]).rows.height == len(rows)
        return
    with pytest.raises(ActionsError) as refused:
        read_actions(tmp_path / "a.csv", baseline(), people, ["baseline"])
    found = {row: f"{value!r} {reason}" for row, _, value, reason in refused.value.rejects.rows()}
    assert found.keys() == expected.keys()
    for row, reason in expected.items():
        assert reason in found[row]


def test_a_hire_rises_above_the_level_of_the_hire(read: Read) -> None:
    hire = {**HIRE, "action_id": "team", "count": "2", "level": "3"}
    named = {**hire, "action_id": "one", "count": "1", "employee_id": "new"}
    promote = {"action": "promote", "level": "3", "date": "2027-03-31"}
    found = faults(read, hire, named, *({**promote, "employee_id": one} for one in ("new", "H2026-team-2")))
    assert [row for row, *_ in found] == [4, 5]
    assert "at least level 3 then, the level in the hire of row 2; allowed: 4, 5" in found[1][3]


def test_a_promotion_rises_in_each_scenario_that_it_applies_to(read: Read, tmp_path: Path) -> None:
    both = scenarios_of(tmp_path, "{}", "{}")
    first, second = (
        {"action": "promote", "level": "4"},
        {"action": "promote", "level": "3", "date": "2027-03-31"},
    )
    apart = lines({**first, "scenario": "s0"}, {**second, "scenario": "s1"})
    assert read(apart, scenarios=both).rows.height == 2
    with pytest.raises(ActionsError, match="'3' is not a higher level of scenario s0: 0017"):
        read(lines({**first, "scenario": "s0"}, second), scenarios=both)


def test_four_changes_per_employee_and_year(read: Read) -> None:
    changes = [GOOD["transfer"], GOOD["raise"], GOOD["fte"], GOOD["raise"]]
    assert read(lines(*changes, GOOD["promote"], {"date": "2026-12-31"})).rows.height == 6
    ((row, _, _, reason),) = faults(read, *changes, GOOD["fte"])
    assert row == 6 and "number 5 of the changes of 0017 in 2026; allowed: 4 per employee" in reason


def test_two_hires_of_one_id(read: Read, tmp_path: Path) -> None:
    named = {**HIRE, "employee_id": "new"}
    assert [row for row, *_ in faults(read, named, {**named, "date": "2027-01-01"})] == [2, 3]
    both = scenarios_of(tmp_path, "{}", "{}")
    apart = lines({**named, "scenario": "s0"}, {**named, "scenario": "s1"})
    assert read(apart, scenarios=both).rows.height == 2


def test_a_known_hire_is_not_promoted_or_transferred_in_the_year_of_hire(read: Read, tmp_path: Path) -> None:
    hire = {**HIRE, "employee_id": "new", "date": "2026-03-01"}
    team = {**HIRE, "action_id": "team", "count": "2", "date": "2026-03-01"}
    new, made = {"employee_id": "new", "date": "2026-09-01"}, {"employee_id": "H2026-team-2"}
    fine = [{**GOOD[kind], **of} for kind in ("leave", "raise", "fte") for of in (new, made)]
    later = {**GOOD["promote"], **new, "date": "2027-01-01"}
    assert read(lines(hire, team, *fine, later)).rows.height == 9
    moves = [{**GOOD[kind], **of} for kind in ("promote", "transfer") for of in (new, made)]
    found = faults(read, hire, team, *moves)
    assert [(row, column) for row, column, *_ in found] == [(row, "action") for row in (4, 5, 6, 7)]
    assert "in the year in which row 2 hires new; allowed: from 1 January 2027 on" in found[0][3]
    assert "row 3 hires H2026-team-2" in found[1][3]
    both = scenarios_of(tmp_path, "{}", "{}")
    apart = lines({**hire, "scenario": "s0"}, {**moves[0], "scenario": "s1"})
    assert read(apart, scenarios=both).rows.height == 2


def test_ids_that_are_made_for_hires_are_nobodys(read: Read) -> None:
    named = {**HIRE, "action_id": "x", "employee_id": "H2026-team-3"}
    team = {**HIRE, "action_id": "team", "count": "2"}
    assert read(lines(team, named)).rows.height == 2
    ((row, column, _, reason),) = faults(read, {**team, "count": "3"}, named)
    assert (row, column) == (2, "action_id") and "'H2026-team-3', which somebody has" in reason


def test_levels_are_those_of_each_scenario_that_a_row_applies_to(read: Read, tmp_path: Path) -> None:
    both = scenarios_of(
        tmp_path,
        "{}",
        "{workforce: {levels: {6: {name: Top, min_salary: 500000, max_salary: 900000}}}, "
        "hiring.level_mix: {1: 1}, compensation.merit_multipliers: {6: 1}}",
    )
    row = {"action": "promote", "level": "6"}
    assert read(lines({**row, "scenario": "s1"}), scenarios=both).rows.height == 1
    with pytest.raises(ActionsError, match=r"'6' is not a level of scenario s0; allowed: 1, 2, 3, 4, 5"):
        read(lines(row), scenarios=both)


def test_a_census_without_dimensions_takes_no_transfer(tmp_path: Path, read: Read) -> None:
    people = census_of(tmp_path, "employee_id,birth_date,hire_date,salary\n1,1980-01-01,2010-01-01,60000\n")
    file = tmp_path / "a.csv"
    file.write_text("action_id,action,date,employee_id\na,transfer,2026-01-01,1\n")
    with pytest.raises(ActionsError, match="the census has no dimension"):
        read_actions(file, baseline(), people, ["baseline"])
