"""What a valid file of actions has that may be a mistake; each is a warning."""

from collections.abc import Iterator, Sequence

import polars as pl

from settings import Scenario
from tasks.census.read import Census
from tasks.census.reading.header import cut
from tasks.plan.columns import made_ids
from tasks.plan.contradictions import contradictions, counted
from tasks.plan.people import is_simulated
from tasks.text.calendar import years_words
from tasks.text.money import Money


def doubts(
    rows: pl.DataFrame, scenarios: Sequence[Scenario], census: Census, known_ids: Sequence[str]
) -> Iterator[str]:
    """Yield a warning for each kind of doubt: how many rows, an example and its row, and what follows.

    `rows` are valid; `scenarios` are those that use the file, `known_ids` the ids of all.
    """
    yield from _unknown_employees(rows, census)
    yield from _other_years(rows, scenarios[0])
    yield from _unused_scenarios(rows, [each.id for each in scenarios], known_ids)
    yield from _unusual_pay(rows, scenarios[0], Money(census.currency))
    yield from contradictions(rows, scenarios, census)


def _unknown_employees(rows: pl.DataFrame, census: Census) -> Iterator[str]:
    is_hire = pl.col("action") == "hire"
    at_opening = census.employees.filter(pl.col("termination_date").is_null())["employee_id"]
    named = pl.col("employee_id").is_not_null()
    hired = rows.filter(is_hire, named)["employee_id"]
    made = made_ids(rows["employee_id"], rows.filter(is_hire, ~named))["id"]
    known = pl.concat([at_opening, hired, made])
    unknown = rows.filter(~is_hire, ~pl.col("employee_id").is_in(known.implode()))
    if unknown.height:
        yield (
            f"{counted(unknown)} of employees who are not in the census at the opening, such as "
            f"{cut(unknown['employee_id'][0])!r} in row {unknown['row_number'][0]}: they do nothing (outcome "
            "not_employed), unless they name simulated hires"
        )
        yield from _near_ids(unknown, known)


def _near_ids(unknown: pl.DataFrame, known: pl.Series) -> Iterator[str]:
    """Ids that differ from a known one only in what spreadsheets and people change."""
    similar = (
        pl.DataFrame({"known": known}).with_columns(core=_core(pl.col("known"))).unique("core", keep="none")
    )
    found = unknown.with_columns(core=_core(pl.col("employee_id"))).join(
        similar, on="core", maintain_order="left"
    )
    if found.height:
        pairs = found.unique("employee_id", keep="first", maintain_order=True).head(3)
        meant = ", ".join(
            f"{cut(named)!r} in row {row}: did you mean {cut(near)!r}?"
            for named, row, near in pairs.select("employee_id", "row_number", "known").iter_rows()
        )
        yield (
            f"{counted(found)} whose employee_id differs from a known one only in capitals, blanks, "
            f"punctuation or leading zeros, which the run does not guess: {meant}"
        )


def _core(ids: pl.Expr) -> pl.Expr:
    """Return ids in lower case without blanks and punctuation, and numbers without leading zeros."""
    bare = ids.str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]", "")
    return bare.str.replace_all(r"(^|\p{L})0+([0-9])", "$1$2")


def _other_years(rows: pl.DataFrame, scenario: Scenario) -> Iterator[str]:
    simulation = scenario.settings.simulation
    years = years_words(simulation.calendar, simulation.start_year, simulation.end_year)
    outside = rows.filter(~is_simulated(simulation.calendar, simulation.years))
    if outside.height:
        yield (
            f"{counted(outside)} outside the simulated years {years}, such as "
            f"{outside['date'][0]} in row {outside['row_number'][0]}: they do nothing (outcome outside_years)"
        )


def _unused_scenarios(rows: pl.DataFrame, users: Sequence[str], known_ids: Sequence[str]) -> Iterator[str]:
    idle = [name for name in known_ids if name not in users]
    unused = rows.filter(pl.col("scenario").is_in(idle))
    if unused.height:
        yield (
            f"{counted(unused)} of scenario {unused['scenario'][0]}, such as row {unused['row_number'][0]}: "
            "it does not use this file (plan.actions), so that they do nothing"
        )


def _unusual_pay(rows: pl.DataFrame, scenario: Scenario, money: Money) -> Iterator[str]:
    year, levels = scenario.settings.simulation.start_year, scenario.settings.workforce.levels.values()
    lowest = min(level.min_salary.at(year) for level in levels)
    highest = max(level.max_salary.at(year) for level in levels)
    pay = pl.col("full_time_salary")
    for found, limit in (
        (rows.filter(pay * 2 < lowest), f"half of the lowest level's minimum, {money.to_the_cent(lowest)}"),
        (
            rows.filter(pay > 3 * highest),
            f"three times the highest level's maximum, {money.to_the_cent(highest)}",
        ),
    ):
        if found.height:
            side = "below" if found["full_time_salary"][0] < lowest else "above"
            yield (
                f"{counted(found)} with full-time pay {side} {limit}, such as "
                f"{money.to_the_cent(found['full_time_salary'][0])} in row {found['row_number'][0]}"
            )
