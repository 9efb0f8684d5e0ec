"""Who was there, who left and who joined, against the made-up company's own records."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tasks.history.accepted import LEAVERS, History, joiners_schema, people_schema
from tasks.history.windows import window_figures
from tests.history.company import DATES, Spell, company, list_rows, write_csv, write_events, write_lists

ReadHistory = Callable[..., History]
START = f"history.start={DATES[0]}"
#: Companies, of which one is enough for the quick tests.
SEEDS = (1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3)))


@pytest.mark.parametrize("seed", SEEDS)
def test_lists_show_exactly_who_was_there_left_and_joined(
    tmp_path: Path, read: ReadHistory, seed: int
) -> None:
    spells = company(seed)
    history = read(write_lists(tmp_path / "lists", spells))
    assert history.dates == DATES
    for number, day in enumerate(DATES):
        there = {each.id for each in spells if each.employed(day)}
        assert set(history.people.filter(list=number)["employee_id"]) == there
    for window in range(len(DATES) - 1):
        _compare_window(history, spells, window)
    assert history.shows_hire_year_leavers
    assert history.columns == {"birth_date", "hire_date", "level", "salary", "reason"}


def _compare_window(history: History, spells: list[Spell], window: int) -> None:
    start, end = DATES[window], DATES[window + 1]
    gone = {
        (each.id, each.exit, each.reason)
        for each in spells
        if each.employed(start) and not each.employed(end)
    }
    found = history.leavers.filter(window=window).select("employee_id", "exit_date", "reason")
    assert set(found.iter_rows()) == gone
    stayed = {each.id for each in spells if each.employed(end) and not each.employed(start)}
    brief = {(each.id, each.exit) for each in spells if each.exit and start < each.hire and each.exit <= end}
    joined = history.joiners.filter(window=window)
    assert set(joined.filter(~pl.col("left"))["employee_id"]) == stayed
    assert set(joined.filter("left").select("employee_id", "exit_date").iter_rows()) == brief
    assert not joined["returns"].any()


@pytest.mark.parametrize("seed", SEEDS)
def test_an_events_file_and_lists_of_the_same_company_agree(
    tmp_path: Path, read: ReadHistory, seed: int
) -> None:
    spells = company(seed)
    lists = read(write_lists(tmp_path / "lists", spells))
    events = read(write_events(tmp_path / "events.csv", spells), START)
    assert (events.kind, lists.kind) == ("events", "snapshots")
    assert events.dates == lists.dates
    pay = ("salary", "full_time_salary", "level", "row_number")
    assert_frame_equal(events.people.drop(pay), lists.people.drop(pay))
    assert_frame_equal(events.leavers, lists.leavers)
    assert_frame_equal(events.joiners.drop(pay[:3]), lists.joiners.drop(pay[:3]), check_row_order=False)
    # one value per person and file is no value of an earlier year
    assert events.people.select("salary", "level").null_count().row(0) == (events.people.height,) * 2
    assert not events.columns & {"salary", "level", "fte"}


def test_every_frame_has_the_columns_of_the_contract(tmp_path: Path, read: ReadHistory) -> None:
    history = read(write_lists(tmp_path / "lists", company(1)))
    assert history.dimensions == ("department",)
    assert history.people.schema == people_schema(history.dimensions)
    assert history.joiners.schema == joiners_schema(history.dimensions)
    assert history.leavers.schema == LEAVERS
    assert history.people.equals(history.people.sort("list", "employee_id"))
    assert (history.people["fte"] == 1).all()
    first = history.people.filter(list=0)
    assert first["salary"].equals(first["full_time_salary"])


@pytest.mark.parametrize("dropped", [1, 2])
def test_without_the_last_lists_the_earlier_ones_are_the_same(
    tmp_path: Path, read: ReadHistory, dropped: int
) -> None:
    spells = [*company(1), _spell("back", exit_=date(2016, 6, 1)), _spell("back", hire=date(2018, 2, 1))]
    folder = write_lists(tmp_path / "lists", spells)
    _rename(folder / f"{DATES[-1]}.csv", "IT", "Technology")
    every = read(folder)
    until = read(folder, until=DATES[-1 - dropped])
    for day in DATES[-dropped:]:
        (folder / f"{day}.csv").unlink()
    _is_beginning_of(read(folder), every, windows=len(DATES) - 1 - dropped)
    _is_beginning_of(until, every, windows=len(DATES) - 1 - dropped)


@pytest.mark.parametrize("dropped", [1, 2])
def test_of_an_events_file_later_years_change_nothing_of_earlier_ones(
    tmp_path: Path, read: ReadHistory, dropped: int
) -> None:
    spells = company(2)
    end = DATES[-1 - dropped]
    every = read(write_events(tmp_path / "all.csv", spells), START)
    until = read(tmp_path / "all.csv", START, until=end)
    _is_beginning_of(until, every, windows=len(DATES) - 1 - dropped)
    known = [
        Spell(**(vars(each) | ({} if each.exit and each.exit <= end else {"exit": None, "reason": ""})))
        for each in spells
        if each.hire <= end
    ]
    then = read(write_events(tmp_path / "then.csv", known), START)
    _is_beginning_of(then, every, windows=len(DATES) - 1 - dropped, rows_too=False)


def _is_beginning_of(part: History, whole: History, *, windows: int, rows_too: bool = True) -> None:
    assert part.dates == whole.dates[: windows + 1]
    without = [] if rows_too else ["row_number"]
    assert_frame_equal(
        part.people.drop(without), whole.people.filter(pl.col("list") <= windows).drop(without)
    )
    assert_frame_equal(part.leavers, whole.leavers.filter(pl.col("window") < windows))
    assert_frame_equal(part.joiners, whole.joiners.filter(pl.col("window") < windows))
    assert part.renamed == tuple(each for each in whole.renamed if each.list <= windows)
    assert part.sha256 != whole.sha256 or part.kind == "events"


def test_exits_after_a_lists_date_do_not_leak_into_it(tmp_path: Path, read: ReadHistory) -> None:
    spells = company(1)
    clean = read(write_lists(tmp_path / "clean", spells, leavers=False))
    for day in DATES:  # every row with the exit that lay ahead on that day
        write_csv(tmp_path / "leaky" / f"{day}.csv", list_rows(spells, day))
    leaky = read(tmp_path / "leaky")
    assert leaky.leavers.equals(clean.leavers)
    assert leaky.leavers["exit_date"].null_count() == leaky.leavers.height > 0
    assert not leaky.shows_hire_year_leavers


def test_lists_without_leavers_hide_those_who_were_hired_and_left(tmp_path: Path, read: ReadHistory) -> None:
    spells = company(1)
    hidden = read(write_lists(tmp_path / "lists", spells, leavers=False))
    shown = read(write_lists(tmp_path / "all", spells))
    assert not hidden.shows_hire_year_leavers
    assert not hidden.joiners["left"].any()
    assert shown.joiners["left"].any()
    assert hidden.leavers.select("window", "employee_id").equals(
        shown.leavers.select("window", "employee_id")
    )


def test_exposure_and_rate_are_per_year_for_windows_of_any_length(tmp_path: Path, read: ReadHistory) -> None:
    dates = (date(2015, 12, 31), date(2016, 10, 1), date(2018, 1, 15))
    history = read(write_lists(tmp_path / "lists", company(3), dates))
    figures = window_figures(history)
    for row in figures.iter_rows(named=True):
        days = (row["end"] - row["start"]).days
        opening = history.people.filter(list=row["window"]).height
        assert row["days"] == days
        assert row["exposure"] == pytest.approx(opening * days / 365)
        assert row["rate"] == pytest.approx(row["leavers"] * 365 / (opening * days))
    assert [each.number for each in history.findings if each.code == "interval_not_a_year"] == [2]


def test_excluded_leavers_are_exposed_until_they_leave_and_are_no_exits(
    tmp_path: Path, read: ReadHistory
) -> None:
    folder = write_lists(tmp_path / "lists", company(1))
    plain, without = read(folder), read(folder, 'history.exclude_reasons=["Site closed"]')
    closed = plain.leavers["reason"] == "Site closed"
    assert closed.any()
    assert without.leavers["excluded"].equals(closed.alias("excluded"))
    before, after = window_figures(plain), window_figures(without)
    excluded = without.leavers.filter("excluded")
    ends = pl.Series([DATES[window + 1] for window in excluded["window"]])
    unexposed = (ends - excluded["exit_date"]).dt.total_days().sum() / 365
    assert before["exposure"].sum() - after["exposure"].sum() == pytest.approx(unexposed)
    assert after["leavers"].sum() == before["leavers"].sum() - closed.sum()


def test_people_hired_before_an_events_file_starts_enter_at_its_start(
    tmp_path: Path, read: ReadHistory
) -> None:
    path = write_events(tmp_path / "events.csv", company(1))
    history = read(path, "history.start=2017-03-15")
    assert history.dates == (date(2017, 3, 15), date(2018, 3, 15), date(2019, 3, 15))
    assert (history.leavers["exit_date"] > date(2017, 3, 15)).all()


def test_exits_known_in_advance_do_not_make_an_events_file_longer(tmp_path: Path, read: ReadHistory) -> None:
    spells = company(1)
    ahead = [_spell(f"contract{n}", exit_=date(2022 + n, 6, 30)) for n in range(4)]
    history = read(write_events(tmp_path / "events.csv", [*spells, *ahead]), START)
    assert history.dates == DATES
    assert history.files[0].date <= date(2020, 1, 31)
    assert [each.number for each in history.findings if each.code == "exits_known_in_advance"] == [4]


def test_a_rehired_person_of_an_events_file_has_one_row_per_employment(
    tmp_path: Path, read: ReadHistory
) -> None:
    twice = [
        _spell("twice", exit_=date(2016, 5, 1)),
        _spell("twice", hire=date(2018, 2, 1)),
        _spell("quick", exit_=date(2017, 5, 1)),
        _spell("quick", hire=date(2017, 8, 1)),  # gone and back within a window: not a leaver
    ]
    history = read(write_events(tmp_path / "events.csv", [*company(1), *twice]), START)
    assert history.leavers.filter(employee_id="twice")["window"].to_list() == [0]
    back = history.joiners.filter(employee_id="twice")
    assert back.select("window", "returns").rows() == [(2, True)]
    assert history.leavers.filter(employee_id="quick").is_empty()


def _spell(id_: str, *, hire: date = date(2010, 1, 4), exit_: date | None = None) -> Spell:
    reason = "Resigned" if exit_ else ""
    return Spell(id_, hire - timedelta(days=9000), hire, exit_, reason, "Sales", 60_000.0, 2)


def _rename(path: Path, before: str, after: str) -> None:
    path.write_text(path.read_text().replace(f",{before},", f",{after},"))
