"""What may be wrong with a history is found, counted and located; and what it cannot show is stated."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tasks.history.accepted import Finding, History, Rename
from tasks.history.estimable import cannot_estimate
from tests.history.company import DATES, Spell, company, list_rows, write_csv, write_events, write_lists

ReadHistory = Callable[..., History]
SPELLS = company(1)


def write_changed(folder: Path, changed: Callable[[date, list[dict[str, object]]], object]) -> Path:
    """Lists of employees, each changed in place."""
    for before, day in zip([None, *DATES], DATES, strict=False):
        rows = list_rows(SPELLS, day, before)
        changed(day, rows)
        write_csv(folder / f"{day}.csv", rows)
    return folder


def finding(history: History, code: str) -> Finding:
    (found,) = [each for each in history.findings if each.code == code]
    return found


def stayer() -> Spell:
    return next(each for each in SPELLS if each.hire < DATES[0] and each.exit is None)


def test_a_sound_history_has_no_finding(tmp_path: Path, read: ReadHistory) -> None:
    assert read(write_lists(tmp_path / "lists", SPELLS)).findings == ()


def test_someone_missing_from_a_list_leaves_and_returns(tmp_path: Path, read: ReadHistory) -> None:
    one = stayer()

    def without(day: date, rows: list[dict[str, object]]) -> None:
        if day == DATES[2]:
            rows[:] = [row for row in rows if row["employee_id"] != one.id]

    history = read(write_changed(tmp_path, without))
    assert history.leavers.filter(employee_id=one.id)["window"].to_list() == [1]
    assert history.joiners.filter(employee_id=one.id).select("window", "returns").rows() == [(2, True)]
    found = finding(history, "returns")
    row = 2 + [row["employee_id"] for row in list_rows(SPELLS, DATES[3], DATES[2])].index(one.id)
    assert (found.number, found.examples) == (1, (f"{DATES[3]}.csv row {row}",))


@pytest.mark.parametrize(
    ("column", "code"), [("hire_date", "hire_date_changed"), ("birth_date", "birth_date_changed")]
)
def test_changed_dates_of_the_same_id_are_counted(
    tmp_path: Path, read: ReadHistory, column: str, code: str
) -> None:
    one = stayer()

    def later(day: date, rows: list[dict[str, object]]) -> None:
        for row in rows:
            if day >= DATES[2] and row["employee_id"] == one.id:
                row[column] = row[column] + timedelta(days=100)  # type: ignore[operator]

    history = read(write_changed(tmp_path, later))
    assert finding(history, code).number == 1
    assert history.leavers.filter(employee_id=one.id).is_empty()


def test_a_new_id_with_the_same_dates_is_suspected(tmp_path: Path, read: ReadHistory) -> None:
    one = stayer()

    def married(day: date, rows: list[dict[str, object]]) -> None:
        for row in rows:
            if day >= DATES[3] and row["employee_id"] == one.id:
                row["employee_id"] = "new-name"

    history = read(write_changed(tmp_path, married))
    found = finding(history, "id_changed")
    assert found.number == 1
    assert found.examples == (f"{one.id} in {DATES[2]}.csv, new-name in {DATES[3]}.csv",)
    assert "joined_after_hire" not in {each.code for each in history.findings}


def test_a_joiner_hired_before_the_list_before_is_found(tmp_path: Path, read: ReadHistory) -> None:
    def taken_over(day: date, rows: list[dict[str, object]]) -> None:
        if day >= DATES[1]:
            rows.append(rows[0] | {"employee_id": "other", "termination_date": "", "reason": ""} | BORN)

    BORN = {"birth_date": date(1970, 2, 3), "hire_date": DATES[0]}
    found = finding(read(write_changed(tmp_path, taken_over)), "joined_after_hire")
    assert found.number == 1
    assert found.examples[0].startswith(f"{DATES[1]}.csv row ")


def test_a_value_that_changes_its_name_is_found_and_kept(tmp_path: Path, read: ReadHistory) -> None:
    def renamed(day: date, rows: list[dict[str, object]]) -> None:
        for row in rows:
            if day >= DATES[2] and row["department"] == "IT":
                row["department"] = "Technology"

    history = read(write_changed(tmp_path, renamed))
    assert history.renamed == (Rename(2, "department", "IT", "Technology"),)
    assert "IT is Technology" in finding(history, "renamed_value").examples[0]
    names = {number: set(history.people.filter(list=number)["department"]) for number in range(len(DATES))}
    assert "IT" in names[1]
    assert "Technology" in names[2]


def test_a_split_value_is_no_rename(tmp_path: Path, read: ReadHistory) -> None:
    def split(day: date, rows: list[dict[str, object]]) -> None:
        for row in rows:
            if day >= DATES[2] and row["department"] == "IT":
                row["department"] = f"IT {int(str(row['employee_id'])) % 2}"

    assert read(write_changed(tmp_path, split)).renamed == ()


def test_a_column_that_some_lists_lack_is_empty_there(tmp_path: Path, read: ReadHistory) -> None:
    def shorter(day: date, rows: list[dict[str, object]]) -> None:
        if day < DATES[2]:
            for row in rows:
                del row["department"]

    history = read(write_changed(tmp_path, shorter))
    assert finding(history, "column_in_some_lists").number == 2
    assert history.dimensions == ("department",)
    departments = history.people.group_by("list").agg(nulls="department").sort("list")["nulls"]
    assert [values.null_count() == len(values) for values in departments] == [True, True, False, False, False]


def test_a_column_whose_name_suggests_what_is_missing_is_named(tmp_path: Path, read: ReadHistory) -> None:
    def renamed(_: date, rows: list[dict[str, object]]) -> None:
        for row in rows:
            row["Annual Pay"] = row.pop("salary")
            row["Exit Reason"] = row.pop("reason")

    folder = write_changed(tmp_path, renamed)
    found = finding(read(folder), "column_not_read")
    assert found.number == 2
    assert f"salary: Annual Pay in {DATES[0]}.csv" in found.examples
    mapped = read(folder, "history.columns={salary: Annual Pay, reason: Exit Reason}")
    assert mapped.findings == ()
    assert mapped.columns >= {"salary", "reason"}


def test_a_rehire_beside_the_old_row_is_no_exit(tmp_path: Path, read: ReadHistory) -> None:
    one = stayer()

    def rehired(day: date, rows: list[dict[str, object]]) -> None:
        if day == DATES[1]:
            (now,) = [row for row in rows if row["employee_id"] == one.id]
            rows.append(now | {"termination_date": date(2016, 6, 30), "reason": "Resigned"})
            now["hire_date"] = date(2016, 8, 1)

    history = read(write_changed(tmp_path, rehired))
    assert finding(history, "left_and_back").number == 1
    assert history.leavers.filter(employee_id=one.id).is_empty()


def test_a_jump_of_the_headcount_and_an_impossible_age_are_found(tmp_path: Path, read: ReadHistory) -> None:
    def halved(day: date, rows: list[dict[str, object]]) -> None:
        if day == DATES[4]:
            rows[:] = rows[: len(rows) // 2]
        rows[0] |= {"birth_date": date(1901, 1, 1)}

    history = read(write_changed(tmp_path, halved))
    assert finding(history, "headcount_jump").number == 1
    assert finding(history, "implausible_age").examples[0] == f"{DATES[0]}.csv row 2"


def test_an_exit_that_is_reported_late_has_no_date_in_its_window(tmp_path: Path, read: ReadHistory) -> None:
    one = next(each for each in SPELLS if each.exit and DATES[1] < each.exit <= DATES[2])

    def backdated(day: date, rows: list[dict[str, object]]) -> None:
        for row in rows:
            if day == DATES[2] and row["employee_id"] == one.id:
                row["termination_date"] = DATES[1] - timedelta(days=9)

    history = read(write_changed(tmp_path, backdated))
    leaver = history.leavers.filter(employee_id=one.id)
    assert leaver.select("window", "exit_date", "reason").rows() == [(1, None, one.reason)]


def test_someone_who_was_in_no_list_but_the_leavers_of_one_joined_in_no_window(
    tmp_path: Path, read: ReadHistory
) -> None:
    one = next(
        each for each in SPELLS if each.hire < DATES[0] and each.exit and DATES[0] < each.exit <= DATES[1]
    )

    def unlisted(day: date, rows: list[dict[str, object]]) -> None:
        if day == DATES[0]:
            rows[:] = [row for row in rows if row["employee_id"] != one.id]

    history = read(write_changed(tmp_path, unlisted))
    for frame in (history.people, history.leavers, history.joiners):
        assert frame.filter(employee_id=one.id).is_empty()


def without_columns(folder: Path, *names: str, spells: list[Spell] = SPELLS) -> Path:
    for before, day in zip([None, *DATES], DATES, strict=False):
        rows = [
            {name: value for name, value in row.items() if name not in names}
            for row in list_rows(spells, day, before)
        ]
        write_csv(folder / f"{day}.csv", rows)
    return folder


def test_with_every_column_nothing_is_hidden(tmp_path: Path, read: ReadHistory) -> None:
    for day, before in zip(DATES, [None, *DATES], strict=False):
        rows = [row | {"fte": 1} for row in list_rows(SPELLS, day, before)]
        write_csv(tmp_path / "full" / f"{day}.csv", rows)
    assert cannot_estimate(read(tmp_path / "full")) == []


@pytest.mark.parametrize(
    ("column", "subjects"),
    [
        ("salary", ("compensation.cola_rate", "pay of hires")),
        ("level", ("workforce.promotion", "hiring.level_mix")),
        ("reason", ("workforce.causes",)),
        ("birth_date", ("factors by age",)),
        ("department", ("factors by dimension", "workforce.transfer")),
        ("fte", ("hiring.fte_mix",)),
    ],
)
def test_what_a_missing_column_hides_is_stated(
    tmp_path: Path, read: ReadHistory, column: str, subjects: tuple[str, ...]
) -> None:
    missing = without_columns(tmp_path / "lists", column)
    if column != "fte":
        for path in missing.iterdir():
            header, *lines = path.read_text().splitlines()
            path.write_text("\n".join([f"{header},fte", *(f"{line},1" for line in lines)]) + "\n")
    stated = cannot_estimate(read(missing))
    assert len(stated) == len(subjects)
    for (what, why), subject in zip(stated, subjects, strict=True):
        assert subject in what
        assert "no file has a column" in why


def test_lists_without_leavers_and_one_window_say_what_they_hide(tmp_path: Path, read: ReadHistory) -> None:
    stated = dict(cannot_estimate(read(write_lists(tmp_path, SPELLS, DATES[:2], leavers=False))))
    assert {"workforce.new_hire_termination_rate", "the year effect"} <= set(stated)


def test_an_events_file_shows_no_raises(tmp_path: Path, read: ReadHistory) -> None:
    path = write_events(tmp_path / "events.csv", SPELLS)
    stated = dict(cannot_estimate(read(path, f"history.start={DATES[0]}")))
    assert any("cola_rate" in what for what in stated)
    assert "workforce.transfer" in stated
    assert "workforce.new_hire_termination_rate" not in stated


def test_a_history_in_which_nobody_leaves_has_no_rate(tmp_path: Path, read: ReadHistory) -> None:
    for day in DATES[:3]:
        rows = list_rows([replace(each, exit=None) for each in SPELLS if each.hire < DATES[0]], day)
        write_csv(tmp_path / f"{day}.csv", rows)
    assert "who leaves more often" in dict(cannot_estimate(read(tmp_path)))
