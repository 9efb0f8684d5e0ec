"""Read files of known actions: from a table of text to the actions of each scenario.

`read_plans` is the entry of a run, `read_actions` reads one file. Each step is a module: `columns` (what a
file has), the census's readers (file to text, text to values), `rules` (what a valid action is), `doubts`
(what may be a mistake). The result is defined in `accepted`.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import polars as pl

from settings import InputError, Scenario
from settings.models.location import Location, location, shown
from tasks.census.amounts import parse_amounts
from tasks.census.cells import CensusTable, read_table
from tasks.census.currencies import CurrencySources, find_currency
from tasks.census.dates import parse_dates
from tasks.census.errors import TableError, abbreviated
from tasks.census.fiscal_years import fiscal_year
from tasks.census.fte import actual_pay, full_time_pay, parse_ftes, parse_shares
from tasks.census.mixed_dates import check_mixed_dates
from tasks.census.parse import Where, parse_levels, stripped, values_of_dimension, without_empty_values
from tasks.census.read import Census
from tasks.census.reading.header import CURRENCY_OF_CELL, CURRENCY_OF_ROW, as_yaml, cut, plain
from tasks.census.reading.synonyms import likely
from tasks.census.rejects import first_rejects
from tasks.census.source_file import local_file
from tasks.plan.accepted import ActionsFile, Plans
from tasks.plan.columns import COLUMNS, PROBABILITY, SCHEMA, wanted_columns
from tasks.plan.doubts import doubts
from tasks.plan.errors import ActionsError
from tasks.plan.rules import Allowed, failures
from tasks.system.guarded import Limits

log = logging.getLogger("workforce.plan")

#: Years from the first simulated one that a date with a two-digit year may lie ahead.
FORESEEABLE_YEARS = 50


def read_plans(scenarios: Sequence[Scenario], census: Census) -> Plans:
    """Read and validate the actions of all scenarios; a file of several scenarios is read once.

    Raises ActionsError with the bad rows of all files.
    """
    users: dict[Location, list[Scenario]] = {}
    for scenario in scenarios:
        if scenario.settings.plan.actions is not None:
            users.setdefault(location(scenario.settings.plan.actions), []).append(scenario)
    files: dict[str, ActionsFile] = {}
    errors: dict[str, TableError] = {}
    for source, its_scenarios in users.items():
        try:
            file = read_actions(source, its_scenarios, census, [each.id for each in scenarios])
        except ActionsError as error:
            errors[shown(source)] = error
            continue
        files |= {scenario.id: file for scenario in its_scenarios}
    if errors:
        raise _together(errors)
    plans = {scenario: file.of_scenario(scenario) for scenario, file in files.items()}
    ordered = [each.id for each in scenarios if each.id in plans and plans[each.id].height]
    return Plans({scenario: plans[scenario] for scenario in ordered}, files)


def read_actions(
    source: Location, scenarios: Sequence[Scenario], census: Census, known_ids: Sequence[str]
) -> ActionsFile:
    """Read and validate one file for the scenarios that use it; `known_ids` are those of all scenarios.

    Columns, dates, amounts and empty cells are read as the settings of the census say. Raises ActionsError
    if the file cannot be used or has a bad row.
    """
    base = scenarios[0].settings
    limits = Limits(base.machine.reader_memory, base.machine.reader_seconds)
    wanted = wanted_columns(base.census.columns, census.dimensions)
    try:
        with local_file(source, limits) as file:
            table = read_table(file, wanted, encoding=base.census.encoding, limits=limits)
        cells = without_empty_values(table.cells, base.census.empty_values, ("date",))
        table = replace(table, cells=cells)
        check_mixed_dates(table, file.name, base.census.date_formats, ("date",))
        rows, inferred = _parsed(table, file.name, scenarios[0], census)
    except ActionsError:
        raise
    except TableError as error:
        raise ActionsError(str(error), error.rejects) from None
    except InputError as error:  # it cannot be fetched
        raise ActionsError(str(error)) from None
    allowed = Allowed.of(scenarios, census, known_ids)
    rejects = pl.concat([table.problems, failures(rows, allowed)]).sort("row_number", maintain_order=True)
    if rejects.height:
        raise _refusal(file.name, rejects, rows.height + table.problems["row_number"].n_unique())
    dropped = _dropped_columns(table, {*wanted.names})
    _log_dropped(dropped, table, file.name)
    plan = _planned(rows, census.dimensions, base.census.salary_basis == "full_time")
    log.info("%s: %d actions", file.name, plan.height)
    warnings = tuple(doubts(rows, scenarios, census, known_ids))
    return ActionsFile(file.name, table.sha256, plan, dropped, inferred, warnings)


def _planned(rows: pl.DataFrame, dimensions: Sequence[str], given_full_time: bool) -> pl.DataFrame:
    """Return the frame of SCHEMA, `scenario` and the dimensions.

    Pay of a full-time job that an employee gets by a raise or promotion stays in `full_time_salary`: it is
    multiplied by the FTE held on the date, which only the simulation knows.
    """
    later = pl.col("action").is_in(["promote", "raise"]) & pl.lit(given_full_time)
    names = {theirs: ours for ours, theirs in COLUMNS.items()}
    return rows.with_columns(
        salary=pl.when(~later).then("salary"), full_time_salary=pl.when(later).then("full_time_salary")
    ).select(
        *(pl.col(names.get(name, name)).alias(name).cast(kind) for name, kind in SCHEMA.items()),
        pl.col("scenario").cast(pl.String),
        *(pl.col(name).cast(pl.String) for name in dimensions),
    )


def _refusal(file: str, rejects: pl.DataFrame, rows_read: int) -> ActionsError:
    bad = rejects["row_number"].n_unique()
    return ActionsError(
        f"{file}: {bad:,} of {rows_read:,} actions are bad; all must be correct.\n"
        + "\n".join(first_rejects(rejects)),
        rejects,
    )


def _together(errors: dict[str, TableError]) -> ActionsError:
    """Return one error for all files; the reason of a bad row names the file if there are several."""
    if len(errors) == 1:
        (error,) = errors.values()
        return ActionsError(str(error), error.rejects)
    rejects = [
        error.rejects.with_columns(reason=pl.format("{}: {}", pl.lit(file), "reason"))
        for file, error in errors.items()
    ]
    return ActionsError("\n".join(map(str, errors.values())), pl.concat(rejects))


def _parsed(
    table: CensusTable, file: str, scenario: Scenario, census: Census
) -> tuple[pl.DataFrame, dict[str, str]]:
    """Return texts (`NAME_text`) and values of each column, and the fiscal year of each date.

    A column that the file lacks is null. Defaults stand where the file has nothing: one person, probability
    1. Salaries are actual pay, and `full_time_salary` is the pay of a full-time job. The second value maps
    each ambiguity in the file to how it was resolved.
    """
    settings, cells = scenario.settings.census, table.cells
    where = Where(file, cells["row_number"])
    empty = pl.Series([None], dtype=pl.String).new_from_index(0, cells.height)
    texts = {name: stripped(cells[name]) if name in cells.columns else empty for name in COLUMNS}
    simulation = scenario.settings.simulation
    latest = simulation.calendar.last_day(simulation.start_year + FORESEEABLE_YEARS)
    dates = parse_dates({"date": texts["date"]}, where, latest, settings.date_formats)
    is_number = "salary" in table.numeric
    amounts = parse_amounts(texts["salary"], where, False if is_number else settings.decimal_comma)
    find_currency(
        texts["salary"],
        where,
        CurrencySources(
            setting=census.currency,
            column="currency",
            of_rows=table.currencies.get_column(CURRENCY_OF_ROW, default=None),
            of_cells=table.currencies.get_column(CURRENCY_OF_CELL, default=None),
        ),
    )
    counts, probabilities = parse_levels(texts["count"]), parse_shares(texts["probability"], PROBABILITY)
    ids = cells["employee_id"] if "employee_id" in cells.columns else empty
    rows = pl.DataFrame(
        {
            "row_number": cells["row_number"],
            **{f"{name}_text": text for name, text in texts.items()},
            "action_id": texts["action_id"],
            "action": texts["action"].str.to_lowercase(),
            "date": dates.columns["date"],
            "employee_id": ids.set(texts["employee_id"].is_null(), None),  # verbatim, as in the census
            "count": counts,
            "level": parse_levels(texts["level"]),
            "salary": amounts.values,
            "fte": parse_ftes(texts["fte"]),
            "cause": texts["cause"],
            "probability": probabilities,
            "scenario": texts["scenario"],
            **{
                name: values_of_dimension(cells[name]) if name in cells.columns else empty
                for name in census.dimensions
            },
        }
    )
    rows = rows.with_columns(
        simulation_year=fiscal_year(pl.col("date"), simulation.calendar),
        count=pl.when(pl.col("count_text").is_null()).then(1).otherwise(pl.col("count")).cast(pl.Int32),
        probability=pl.when(pl.col("probability_text").is_null())
        .then(pl.lit(Decimal(1), dtype=PROBABILITY))
        .otherwise(pl.col("probability")),
    )
    inferred = dict(table.found)
    if texts["date"].is_not_null().any():
        inferred["Day and month"] = dates.order
    if texts["salary"].is_not_null().any():
        inferred["Decimal mark"] = (
            "none needed: the file stores numbers" if is_number else amounts.decimal_mark
        )
    return _with_both_pays(rows, settings.salary_basis == "full_time", census), inferred


def _with_both_pays(rows: pl.DataFrame, given_full_time: bool, census: Census) -> pl.DataFrame:
    """Add `full_time_salary`, and make `salary` actual pay: at the row's FTE, else that of the census.

    A hire with the pay of a full-time job and without an FTE is full-time.
    """
    one = pl.lit(Decimal(1), dtype=SCHEMA["fte"])
    of_employees = census.employees.select("employee_id", census_fte=pl.col("fte"))
    rows = rows.join(of_employees, on="employee_id", how="left", maintain_order="left")
    share = pl.coalesce("fte", "census_fte", one)
    if not given_full_time:
        return rows.with_columns(full_time_salary=full_time_pay(pl.col("salary"), share)).drop("census_fte")
    is_hire = (pl.col("action") == "hire") & pl.col("salary").is_not_null()
    fte = pl.when(is_hire & pl.col("fte_text").is_null()).then(one).otherwise(pl.col("fte"))
    return rows.with_columns(
        full_time_salary=pl.col("salary").cast(pl.Decimal(22, 2)),
        salary=actual_pay(pl.col("salary"), share),
        fte=fte,
    ).drop("census_fte")


def _dropped_columns(table: CensusTable, read: set[str]) -> tuple[str, ...]:
    names = (plain(name) for name in table.header)
    return tuple(cut(name) or "(no name)" for name in names if name not in read)


def _log_dropped(dropped: Sequence[str], table: CensusTable, file: str) -> None:
    """Log which columns are not read, and warn if one looks like a column that is missing."""
    if dropped:
        log.info("%s: columns that are not read (%d): %s", file, len(dropped), abbreviated(list(dropped)))
    for ours in COLUMNS:
        candidate = likely(ours, dropped) if ours not in table.cells.columns else None
        if candidate:
            log.warning("%s: column %s is not read. Rename it if it is %s", file, as_yaml(candidate), ours)
