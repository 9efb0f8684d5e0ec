"""Compares two runs: the differences in their input and in their figures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb
import polars as pl

from settings.errors import InputError
from settings.loading.document import leaves
from settings.models.calendar import ONE_DAY, FiscalCalendar
from settings.models.currency import codes_of
from settings.models.shaping import MODEL_SECTIONS
from tasks.runs.calendar import recorded_calendar
from tasks.runs.directory import RunDirectory
from tasks.runs.record import RunRecord, read_record
from tasks.studies.common import Items, Side, items_of, left_out, listed, nothing_in_common
from tasks.studies.compare import NO_ERRORS, check_breakdown, compare_figures
from tasks.studies.figures import FIGURES, NO_COST, create_figures
from tasks.text.calendar import CALENDAR_YEARS, first_day_words, stub_note
from tasks.text.costs import LOADED
from tasks.text.money import PLAIN, Money
from tasks.warehouse.published import published

FIRST, SECOND = "first", "second"


def record_to_compare(directory: RunDirectory) -> RunRecord:
    """Return the record of a run under the id by which the user finds it: a copied folder has another."""
    return read_record(directory).model_copy(update={"run_id": directory.run_id})


def what_differs(first: RunRecord, second: RunRecord) -> list[tuple[str, Any, Any]]:
    """Return (name, value in the first run, value in the second) of all differing input and code versions.

    Settings are compared for the scenarios that both runs have.
    """
    names = [
        "Census",
        "Actual months",
        "Known actions",
        "Uncertainty",
        "Currency",
        "Scenarios",
        *map(str.capitalize, first.model_versions),
    ]
    facts = zip(names, _facts(first, first), _facts(second, first), strict=True)
    settings = [
        (key if len(first.scenario_ids) == 1 else f"{scenario}: {key}", before.get(key), after.get(key))
        for scenario, before, after in (
            (scenario, _settings(first, scenario), _settings(second, scenario))
            for scenario in _shared(first, second)
        )
        for key in sorted(before.keys() | after.keys())
    ]
    return [row for row in (*facts, *settings) if row[1] != row[2]]


def _facts(run: RunRecord, first: RunRecord) -> list[str]:
    """Census, actual months, actions, uncertainty, currency, scenarios, versions of the models of `first`."""
    return [
        f"{run.census.file} ({run.census.sha256[:12]})",
        _actual_months(run),
        (run.plan.validated_sha256 or "none")[:12],
        (run.inputs.uncertainty or "none")[:12],
        Money.of(run).currency or "not known",
        ", ".join(run.scenario_ids),
        *(run.model_versions.get(name, "not recorded") for name in first.model_versions),
    ]


def _actual_months(run: RunRecord) -> str:
    """Return what a run knew of its first fiscal year before the opening date."""
    actuals = run.actuals
    if actuals is None or actuals.validated_sha256 is None:
        return "none"
    return f"{listed(actuals.lists, quote='')} ({actuals.validated_sha256[:12]})"


def common_money(first: RunRecord, second: RunRecord) -> tuple[Money | None, str]:
    """Return the currency for the amounts of both runs, and a note on it, which may be empty.

    Returns None if their currencies differ: amounts are then not compared. If it is not certain that the
    currencies are equal, amounts are compared, and the note states that assumption.
    """
    monies = [Money.of(record) for record in (first, second)]
    currencies = [money.currency for money in monies]
    one, other = (
        f"{record.run_id} is in {money.currency}" if money.currency else f"{record.run_id} names none"
        for record, money in zip((first, second), monies, strict=True)
    )
    if currencies[0] == currencies[1]:
        return monies[0], ""
    unsure = f"Currencies: {one}, {other}. Differences in payroll, pay and cost hold if both are in the same."
    if None in currencies:
        return PLAIN, unsure
    codes = [codes_of(str(currency)) for currency in currencies]
    if not codes[0] & codes[1]:
        return None, (
            f"Currencies differ: {one}, {other}. Payroll, pay and cost are not compared: nothing is "
            "converted."
        )
    surer = monies[0] if len(codes[0]) < len(codes[1]) else monies[1]
    if codes[0] == codes[1]:
        return surer, ""
    return surer, unsure


def common_calendar(first: RunRecord, second: RunRecord) -> tuple[FiscalCalendar, str]:
    """Return the calendar that names the years of both runs, and a note where their days differ.

    A year is compared with the year of the same number; a stub of one run is marked as one in the note only,
    unless it is the same in both.
    """
    one, other = recorded_calendar(first), recorded_calendar(second)
    if (one.start_month, one.start_day) != (other.start_month, other.start_day):
        starts = (
            f"{record.run_id} on {first_day_words(calendar)}"
            for record, calendar in ((first, one), (second, other))
        )
        return (
            CALENDAR_YEARS,
            f"Years of one number are not the same days: they begin in {', in '.join(starts)}.",
        )
    stubs = [
        f"{record.run_id} simulates of {calendar.name(calendar.first_year)} {stub_note(calendar)}"
        for record, calendar in ((first, one), (second, other))
        if calendar.has_stub
    ]
    if (one.has_stub, one.opening_date) == (other.has_stub, other.opening_date) or not stubs:
        return one, ""
    return replace(one, opening_date=one.first_day(one.first_year) - ONE_DAY), f"{'; '.join(stubs)}."


def compare_runs(
    first: RunDirectory, second: RunDirectory, by: str | None = None
) -> tuple[dict[str, pl.DataFrame], str]:
    """Compare the scenarios and years that both runs have: totals, or the items of a breakdown.

    Returns the rows of `compare` per scenario, with the first run as the baseline and without amounts if the
    currencies differ, and notes on what is left out and on the standard errors. Raises InputError if the
    runs have no common scenario, replicate or year, or no item of the breakdown.
    """
    records = record_to_compare(first), record_to_compare(second)
    money, _ = common_money(*records)
    shared = _shared(*records)
    if not shared:
        raise InputError(
            f"no scenario is in both runs: {first.run_id} has {', '.join(records[0].scenario_ids)}; "
            f"{second.run_id} has {', '.join(records[1].scenario_ids)}"
        )
    if not set.intersection(*map(_replicates, records)):
        raise InputError(
            f"no replicate is in both runs: {first.run_id} begins with {min(_replicates(records[0]))}, "
            f"{second.run_id} with {min(_replicates(records[1]))}"
        )
    figures, items = zip(*(_figures(run, by) for run in (first, second)), strict=True)
    years = [set(rows["simulation_year"]) for rows in figures]
    if not years[0] & years[1]:
        has = "; ".join(
            f"{record.run_id} has {min(own)} to {max(own)}"
            for record, own in zip(records, years, strict=True)
        )
        raise InputError(f"no complete year is in both runs: {has}")
    both = pl.concat(
        rows.filter(breakdown=by or "total").with_columns(run=pl.lit(name))
        for rows, name in zip(figures, (FIRST, SECOND), strict=True)
    )
    if money is None:
        both = both.filter(~pl.col("figure").is_in([each.name for each in FIGURES if each.is_amount]))
    paired = records[0].seed == records[1].seed
    found = {scenario: _difference(both, scenario, paired) for scenario in shared}
    notes = _items_left_out(records, items, found, by) if by else []
    if by and not any(rows.height for rows in found.values()):
        raise InputError(nothing_in_common(by, notes, {*items[0], *items[1]}))
    of_all = (
        _left_out(records, years),
        _without_cost(both, records) if money and not by else "",
        _only_common(records),
        _on_errors(records, paired),
    )
    return found, "\n".join([*notes, " ".join(filter(None, of_all))])


def _items_left_out(
    records: tuple[RunRecord, RunRecord], items: Sequence[Items], found: Mapping[str, pl.DataFrame], by: str
) -> list[str]:
    """Return sentences on the items of a breakdown that only one run has, one for scenarios with the same."""
    scenarios: dict[str, list[str]] = {}
    for scenario, rows in found.items():
        one, other = (
            Side.of(record.run_id, of_run, by, record, scenario)
            for record, of_run in zip(records, items, strict=True)
        )
        scenarios.setdefault(left_out(other, one, set(rows["item"])), []).append(scenario)
    first, second = (record.run_id for record in records)
    return [
        f"{second} against {first}, scenario {listed(which, '')}, leaves out: {these}."
        for these, which in scenarios.items()
        if these
    ]


def _left_out(records: tuple[RunRecord, RunRecord], years: Sequence[set[Any]]) -> str:
    """Return a note on the scenarios and years that only one run has."""
    scenarios: list[set[Any]] = [set(record.scenario_ids) for record in records]
    parts = [
        f"{kind}{'s' if len(alone) > 1 else ''} {listed(alone, '')}, which only {record.run_id} has"
        for kind, (one, two) in (("scenario", scenarios), ("year", years))
        for record, alone in zip(records, (one - two, two - one), strict=True)
        if alone
    ]
    return f"Left out: {'; '.join(parts)}." if parts else ""


def _without_cost(figures: pl.DataFrame, records: tuple[RunRecord, RunRecord]) -> str:
    """Return a note on the runs whose figures have no cost."""
    known = set(figures.filter(pl.col("value").is_not_null(), figure=LOADED.name)["run"])
    lacking = [
        record.run_id for name, record in zip((FIRST, SECOND), records, strict=True) if name not in known
    ]
    return f"{NO_COST}: {listed(lacking, '')}." if lacking else ""


def _only_common(records: tuple[RunRecord, RunRecord]) -> str:
    """Return a note if replicates of only one run are left out: `show` gives means over all of them."""
    common = set.intersection(*map(_replicates, records))
    if all(_replicates(record) == common for record in records):
        return ""
    which = f"replicate {min(common)}" if len(common) == 1 else f"replicates {min(common)} to {max(common)}"
    has = "; ".join(f"{record.run_id} has {len(_replicates(record))}" for record in records)
    return f"Only {which}, which both have, {'is' if len(common) == 1 else 'are'} compared ({has})."


def _on_errors(records: tuple[RunRecord, RunRecord], paired: bool) -> str:
    """Return a note on the kind of standard errors."""
    if len(set.intersection(*map(_replicates, records))) < 2:
        return NO_ERRORS
    if paired:
        return "Both runs have the same seed: equal replicates use the same draws and are paired."
    return "The runs have different seeds: standard errors are those of independent runs."


def _replicates(record: RunRecord) -> set[int]:
    first = record.settings["simulation"].get("first_replicate", 1)
    return set(range(first, first + record.replicates))


def _difference(figures: pl.DataFrame, scenario: str, paired: bool) -> pl.DataFrame:
    rows = figures.filter(scenario_id=scenario).with_columns(scenario_id=pl.col("run")).drop("run")
    with duckdb.connect() as connection:
        connection.register("figures", rows)
        found = compare_figures(connection, FIRST)
    return found if paired else found.with_columns(standard_error=pl.col("independent_standard_error"))


def _figures(directory: RunDirectory, by: str | None) -> tuple[pl.DataFrame, Items]:
    """Return a run's figures, in total and by the breakdown, and the items of its breakdowns."""
    with published(directory.results) as connection:
        create_figures(connection, breakdowns=by is not None)
        items = items_of(connection)
        if by is not None:
            check_breakdown(by, items, directory.run_id)
        rows = connection.view("figures").pl()
    return rows.filter(pl.col("breakdown").is_in(["total", by])), items


def _shared(first: RunRecord, second: RunRecord) -> list[str]:
    return [scenario for scenario in first.scenario_ids if scenario in second.scenario_ids]


def _settings(record: RunRecord, scenario: str) -> dict[str, Any]:
    """Return the settings on which figures depend, without those of operations."""
    (settings,) = [entry.settings for entry in record.scenarios if entry.id == scenario]
    return {key: value for key, value in leaves(settings).items() if key.partition(".")[0] in MODEL_SECTIONS}
