"""The rules for a valid action, and the message for each broken one."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from settings import Scenario
from settings.models.calendar import FiscalCalendar
from tasks.census.amounts import AMOUNT_ALLOWED
from tasks.census.date_forms import DATE_FORMATS_ALLOWED
from tasks.census.errors import REJECTS_SCHEMA
from tasks.census.fte import FTE_ALLOWED
from tasks.census.read import Census
from tasks.census.reading.header import cut, listed
from tasks.census.rules import FORMULA, RESERVED, reject_rows
from tasks.plan.columns import CHANGES, COMMON, KINDS, MOST_CHANGES, MOST_PEOPLE, made_ids
from tasks.plan.people import applying, is_simulated, people_of
from tasks.text.calendar import first_day_words

_UNPRINTABLE = r"[\p{Cc}\p{Cf}]"
#: Number of unknown values for which the nearest known one is searched: it takes long among thousands.
MOST_NAMED = 100
_IS_FORMULA = "begins with =, + or @ like a formula; allowed: plain text"


@dataclass(frozen=True)
class Allowed:
    """What settings and census allow actions to name."""

    scenarios: tuple[str, ...]  # ids of those that use the file
    known_scenarios: tuple[str, ...]  # … and of all in the run
    levels: Mapping[str, tuple[int, ...]]  # by scenario that uses the file
    causes: Mapping[str, tuple[str, ...]]  # … as well
    years: range  # the simulated ones
    calendar: FiscalCalendar
    census: Census
    dimensions: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]  # values of dimensions; none for a dimension that may have new ones

    @classmethod
    def of(cls, scenarios: Sequence[Scenario], census: Census, known_scenarios: Sequence[str]) -> "Allowed":
        """Collect it from the scenarios that use a file and the census."""
        mixes = [entry.values for each in scenarios for entry in each.settings.hiring.dimension_mix or ()]
        is_free = any(each.settings.plan.allow_new_values for each in scenarios)
        return cls(
            scenarios=tuple(each.id for each in scenarios),
            known_scenarios=tuple(known_scenarios),
            levels={each.id: tuple(each.settings.workforce.levels) for each in scenarios},
            causes={each.id: causes_of(each) for each in scenarios},
            years=scenarios[0].settings.simulation.years,
            calendar=scenarios[0].settings.simulation.calendar,
            census=census,
            dimensions=census.dimensions,
            values={} if is_free else {
                name: tuple(
                    sorted(
                        {*census.employees[name].drop_nulls().unique()}
                        | {value for mix in mixes if (value := mix.get(name)) is not None}
                    )
                )
                for name in census.dimensions
            },
        )  # fmt: skip

    @property
    def employees(self) -> pl.Series:
        """The ids of the census."""
        return self.census.employees["employee_id"]


def causes_of(scenario: Scenario) -> tuple[str, ...]:
    """Return the causes of termination in a scenario's settings."""
    return tuple(scenario.settings.workforce.termination)


def failures(rows: pl.DataFrame, allowed: Allowed) -> pl.DataFrame:
    """Return every fault of every row with REJECTS_SCHEMA.

    `rows` has for each column of the file its text (`NAME_text`) and its value.
    """
    moves = _moves(rows, allowed)
    found = [
        *_of_ids(rows),
        *_of_kinds(rows, allowed.dimensions),
        *_of_values(rows),
        *_of_scenarios(rows, allowed),
        *_of_employees(rows, allowed),
        *_of_years_of_hire(moves, allowed.calendar),
        *_of_dimensions(rows, allowed),
        *_of_years(rows, allowed),
        *_of_promotions(moves, allowed),
    ]
    faults = pl.concat([pl.DataFrame(schema=REJECTS_SCHEMA), *found])
    return faults.unique(maintain_order=True).sort("row_number", maintain_order=True)


def _of_ids(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    text, bare = "action_id_text", pl.col("action_id_text")
    yield reject_rows(
        rows.filter(bare.is_null()),
        "action_id",
        text,
        "is missing; allowed: any text that is unique in the file",
    )
    yield reject_rows(
        rows.filter(bare.str.contains(_UNPRINTABLE)),
        "action_id", text, "contains an invisible character; allowed: printable text",
    )  # fmt: skip
    yield reject_rows(rows.filter(bare.str.contains(FORMULA)), "action_id", text, _IS_FORMULA)
    yield reject_rows(
        _repeated(rows.filter(bare.is_not_null()), text),
        "action_id", text, "is also in row {other_row}; allowed: an id of its own for each action",
    )  # fmt: skip


def _of_kinds(rows: pl.DataFrame, dimensions: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Faults of the action itself: it is unknown, lacks a column, or has one that it does not take."""
    kinds = ", ".join(KINDS)
    yield reject_rows(
        rows.filter(pl.col("action").is_null()), "action", "action_text", f"is missing; allowed: {kinds}"
    )
    unknown = rows.filter(pl.col("action").is_not_null(), ~pl.col("action").is_in(list(KINDS)))
    yield _unknown(unknown, "action", "action_text", "is not an action", KINDS)
    for name, kind in KINDS.items():
        mine = rows.filter(pl.col("action") == name)
        for column in kind.needs:
            missing = mine.filter(pl.col(f"{column}_text").is_null())
            yield reject_rows(missing, column, f"{column}_text", f"is missing: action {name} needs it")
        takes = ", ".join((*COMMON[2:], *kind.columns, *(dimensions if kind.dimensions else ())))
        advice = f"is not for action {name}; allowed: an empty cell. It takes {takes}"
        for column in ("employee_id", "count", "level", "salary", "fte", "cause"):
            if column not in kind.columns:
                given = mine.filter(pl.col(f"{column}_text").is_not_null())
                yield reject_rows(given, column, f"{column}_text", advice)
        if not kind.dimensions:
            for column in dimensions:
                yield reject_rows(mine.filter(pl.col(column).is_not_null()), column, column, advice)
    transfers = rows.filter(pl.col("action") == "transfer")
    if dimensions:
        nowhere = transfers.filter(pl.all_horizontal(pl.col(name).is_null() for name in dimensions))
        reason = f"a transfer needs the value of at least one dimension: {', '.join(dimensions)}"
    else:
        nowhere, reason = transfers, "the census has no dimension, by which employees can be transferred"
    yield reject_rows(nowhere.with_columns(nothing=pl.lit("")), "", "nothing", reason)


def _of_values(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Faults of single cells that do not depend on settings or census."""
    yield reject_rows(
        rows.filter(pl.col("date_text").is_null()),
        "date",
        "date_text",
        f"is missing; allowed: {DATE_FORMATS_ALLOWED}",
    )
    for column, reason in (
        ("date", f"is not a date; allowed: {DATE_FORMATS_ALLOWED}"),
        ("salary", f"is not an amount; allowed: {AMOUNT_ALLOWED}"),
        ("fte", f"is not an FTE; allowed: {FTE_ALLOWED}"),
        ("probability", "is not a probability; allowed: above 0 to 1, such as 0.5 or 50%; empty: certain"),
        ("count", f"is not a number of people; allowed: 1 to {MOST_PEOPLE:,}; empty: 1"),
    ):
        wrong = pl.col(f"{column}_text").is_not_null() & pl.col(column).is_null()
        if column == "count":
            wrong |= ~pl.col("count").is_between(1, MOST_PEOPLE).fill_null(True)
        yield reject_rows(rows.filter(wrong), column, f"{column}_text", reason)
    yield reject_rows(
        rows.filter(pl.col("salary") <= 0),
        "salary",
        "salary_text",
        f"is not above 0; allowed: {AMOUNT_ALLOWED}",
    )


def _of_scenarios(rows: pl.DataFrame, allowed: Allowed) -> Iterator[pl.DataFrame]:
    """Unknown scenarios, and levels and causes that a scenario does not have."""
    known = pl.col("scenario").is_in(list(allowed.known_scenarios))
    yield _unknown(
        rows.filter(~known), "scenario", "scenario_text", "is not a scenario of the run",
        allowed.known_scenarios, "empty: all",
    )  # fmt: skip
    pairs = applying(rows, allowed.scenarios)
    for scenario in allowed.scenarios:
        mine = pairs.filter(pl.col("scenario_id") == scenario)
        of = f" of scenario {scenario}" if len(allowed.scenarios) > 1 else ""
        levels, causes = allowed.levels[scenario], allowed.causes[scenario]
        is_level = pl.col("level").is_in(list(levels)).fill_null(False)
        yield reject_rows(
            mine.filter(pl.col("level_text").is_not_null(), ~is_level),
            "level", "level_text",
            f"is not a level{of}; allowed: {', '.join(map(str, levels))}; empty: "
            "drawn for a hire, one up for a promotion",
        )  # fmt: skip
        yield _unknown(
            mine.filter(pl.col("cause").is_not_null(), ~pl.col("cause").is_in(list(causes))),
            "cause", "cause_text", f"is not a cause of termination{of}", causes, "empty: drawn",
        )  # fmt: skip


def _of_employees(rows: pl.DataFrame, allowed: Allowed) -> Iterator[pl.DataFrame]:
    text, ids = "employee_id_text", pl.col("employee_id")
    yield reject_rows(
        rows.filter(ids.str.contains(_UNPRINTABLE)),
        "employee_id", text, "contains an invisible character; allowed: printable text",
    )  # fmt: skip
    yield reject_rows(rows.filter(ids.str.contains(FORMULA)), "employee_id", text, _IS_FORMULA)
    hires = rows.filter(pl.col("action") == "hire", ids.is_not_null())
    yield reject_rows(
        hires.filter(ids.is_in(allowed.employees.implode())),
        "employee_id", text, "is an employee of the census; allowed: a new id; empty: one is made",
    )  # fmt: skip
    yield reject_rows(
        hires.filter(ids.str.contains(RESERVED)),
        "employee_id", text,
        "has the form H2025-0000001, reserved for simulated hires; allowed: another; empty: one is made",
    )  # fmt: skip
    yield reject_rows(
        hires.filter(pl.col("count") > 1),
        "count", "count_text", "is more than one person, and employee_id names one; allowed: 1",
    )  # fmt: skip
    unnamed = rows.filter(
        pl.col("action") == "hire", ids.is_null(), pl.col("count").is_between(1, MOST_PEOPLE),
        pl.col("date").is_not_null(), pl.col("action_id").is_not_null(),
    )  # fmt: skip
    taken = made_ids(pl.concat([allowed.employees, hires["employee_id"]]), unnamed)
    yield reject_rows(
        unnamed.filter(pl.col("action_id").is_in(taken["action_id"].implode())),
        "action_id", "action_id_text",
        f"gives hires ids such as {cut(next(iter(taken['id']), ''))!r}, which somebody has; allowed: another",
    )  # fmt: skip
    for pairs in _by_scenario(hires, allowed):
        yield reject_rows(
            _repeated(pairs, "employee_id"),
            "employee_id", text, "is also hired in row {other_row}; allowed: an id of its own for each hire",
        )  # fmt: skip


def _moves(rows: pl.DataFrame, allowed: Allowed) -> pl.DataFrame:
    """Return promotions and transfers of named people, by scenario, with the columns of `people_of`."""
    moves = rows.filter(pl.col("action").is_in(["promote", "transfer"]), pl.col("employee_id").is_not_null())
    return applying(moves, allowed.scenarios).join(
        people_of(rows, allowed.census, allowed.scenarios),
        left_on=["scenario_id", "employee_id"], right_on=["scenario_id", "person"],
        how="left", maintain_order="left",
    )  # fmt: skip


def _of_years_of_hire(moves: pl.DataFrame, calendar: FiscalCalendar) -> Iterator[pl.DataFrame]:
    """Promotions and transfers of a person in the year in which an action hires them."""
    in_year = moves.filter(pl.col("simulation_year") == pl.col("hired_in"))
    yield reject_rows(
        in_year, "action", "action_text",
        pl.format(
            "is in the year in which row {} hires {}; allowed: from {} {} on, or the level and "
            "dimensions with the hire",
            "hire_row", "employee_id", pl.lit(first_day_words(calendar)),
            # the calendar year in which the next fiscal year begins
            pl.col("simulation_year") + (1 if calendar.is_calendar_year else 0),
        ),
    )  # fmt: skip


def _of_dimensions(rows: pl.DataFrame, allowed: Allowed) -> Iterator[pl.DataFrame]:
    for name in allowed.dimensions:
        value = pl.col(name)
        is_formula, is_odd = value.str.contains(FORMULA), value.str.contains(r"\p{Cc}")
        yield reject_rows(rows.filter(is_formula), name, name, _IS_FORMULA)
        yield reject_rows(
            rows.filter(is_odd),
            name,
            name,
            "contains a control character; allowed: printable text or nothing",
        )
        if name in allowed.values:
            unknown = rows.filter(value.is_not_null(), ~value.is_in(list(allowed.values[name])))
            yield _unknown(
                unknown, name, name, f"is a {name} that nobody has", allowed.values[name],
                "new ones with plan.allow_new_values: true",
            )  # fmt: skip


def _of_years(rows: pl.DataFrame, allowed: Allowed) -> Iterator[pl.DataFrame]:
    """More actions of an employee in a year than are simulated."""
    dated = rows.filter(pl.col("date").is_not_null(), pl.col("employee_id").is_not_null()).with_columns(
        # what is dated by the opening does nothing, and is apart from the simulated part of its year
        person_year=pl.format(
            "{}|{}|{}", "simulation_year", pl.col("date") <= allowed.calendar.opening_date, "employee_id"
        ),
        year_name=pl.col("simulation_year").map_elements(allowed.calendar.name, pl.String),
    )
    promotions = dated.filter(pl.col("action") == "promote")
    changes = dated.filter(pl.col("action").is_in(list(CHANGES)))
    for pairs in _by_scenario(promotions, allowed):
        repeated = _repeated(pairs, "person_year", later_only=True)
        yield reject_rows(
            repeated, "action", "action_text",
            pl.format(
                "is the second promotion of {} in {}, after row {}; allowed: one per employee and year",
                "employee_id", "year_name", "other_row",
            ),
        )  # fmt: skip
    for pairs in _by_scenario(changes, allowed):
        number = pl.int_range(1, pl.len() + 1).over("person_year")
        yield reject_rows(
            pairs.with_columns(number=number).filter(pl.col("number") > MOST_CHANGES),
            "action", "action_text",
            pl.format(
                "is number {} of the changes of {} in {}; allowed: "
                f"{MOST_CHANGES} per employee and year of {', '.join(CHANGES)}",
                "number", "employee_id", "year_name",
            ),
        )  # fmt: skip


def _of_promotions(moves: pl.DataFrame, allowed: Allowed) -> Iterator[pl.DataFrame]:
    """Promotions that cannot happen, since the employee has that level or a higher one: levels only rise."""
    pairs = moves.filter(
        pl.col("action") == "promote",
        is_simulated(allowed.calendar, allowed.years),
        # in the year of hire any promotion is an error: _of_years_of_hire
        (pl.col("simulation_year") > pl.col("hired_in")).fill_null(True),
    )
    names = ("row_number", "employee_id", "level_text", "level", "probability", "level_before", "hire_row")
    reasons: list[tuple[int, str | None, str]] = []
    for scenario in allowed.scenarios:
        mine = pairs.filter(pl.col("scenario_id") == scenario).sort("employee_id", "date", "row_number")
        of = f" of scenario {scenario}" if len(allowed.scenarios) > 1 else ""
        for _, of_one in mine.select(names).group_by("employee_id", maintain_order=True):
            reasons += _not_rising(of_one, sorted(allowed.levels[scenario]), of)
    faulty = pl.DataFrame(
        reasons,
        schema={"row_number": moves.schema["row_number"], "text": pl.String, "why": pl.String},
        orient="row",
    )
    yield reject_rows(faulty, "level", "text", pl.col("why"))


def _not_rising(
    promotions: pl.DataFrame, levels: Sequence[int], of: str
) -> Iterator[tuple[int, str | None, str]]:
    """Yield row, cell and fault of those of one employee's promotions that do not rise above what is certain.

    `promotions` are in the order of their dates. The employee may be higher by then, by promotions that are
    drawn or uncertain, and never lower.
    """
    level, origin = levels[0], "the lowest level"
    for row, employee, text, wanted, probability, before, hire_row in promotions.iter_rows():
        if before is not None and before >= level:
            level, origin = (
                before,
                f"the level in {f'the hire of row {hire_row}' if hire_row else 'the census'}",
            )
        if text is not None and wanted not in levels:  # reported as an unknown level
            continue
        has = f"{employee} has at least level {level} then, {origin}"
        higher = ", ".join(str(one) for one in levels if one > level)
        if not higher:
            yield row, text, f"cannot rise{of}: {has}, and there is no higher one; allowed: no promotion"
        elif text is not None and wanted <= level:
            yield row, text, f"is not a higher level{of}: {has}; allowed: {higher}; empty: one up"
        elif probability == 1:
            level, origin = (
                wanted if text is not None else next(one for one in levels if one > level),
                f"the level after the promotion of row {row}",
            )


def _by_scenario(rows: pl.DataFrame, allowed: Allowed) -> list[pl.DataFrame]:
    """Return the rows that apply to each scenario, also to those that do not use the file."""
    if rows["scenario"].null_count() == rows.height:
        return [rows]
    named = [*rows["scenario"].drop_nulls().unique().sort(), *allowed.scenarios]
    return [
        part
        for _, part in applying(rows, list(dict.fromkeys(named))).group_by("scenario_id", maintain_order=True)
    ]


def _repeated(rows: pl.DataFrame, key: str, *, later_only: bool = False) -> pl.DataFrame:
    """Return the rows whose key another row has, with `other_row`: the first of them; for it, the second."""
    number = pl.col("row_number")
    found = rows.with_columns(first=number.min().over(key), rows_of_key=pl.len().over(key)).filter(
        pl.col("rows_of_key") > 1
    )
    found = found.with_columns(
        second=pl.when(number > pl.col("first")).then(number).min().over(key)
    ).with_columns(other_row=pl.when(number == pl.col("first")).then("second").otherwise("first"))
    return found.filter(number > pl.col("first")) if later_only else found


def _unknown(
    rows: pl.DataFrame, column: str, text: str, fault: str, known: Iterable[str], otherwise: str = ""
) -> pl.DataFrame:
    """Return rejects for values that are not among `known`; each reason names the nearest of these."""
    reason = _reason(fault, list(known), otherwise)
    distinct = rows[text].drop_nulls().unique(maintain_order=True).to_list()
    named = {value: reason(value, nearest=i < MOST_NAMED) for i, value in enumerate(distinct)}
    reasons = pl.col(text).replace_strict(
        list(named), list(named.values()), default=None, return_dtype=pl.String
    )
    return reject_rows(rows, column, text, reasons) if distinct else pl.DataFrame(schema=REJECTS_SCHEMA)


def _reason(fault: str, known: list[str], otherwise: str) -> Callable[..., str]:
    def reason(value: str, *, nearest: bool) -> str:
        close = difflib.get_close_matches(value, known, n=1, cutoff=0.6) if nearest else []
        meant = f"; did you mean {close[0]}?" if close else ""
        some = listed(known, first=close) or "none"
        return f"{fault}{meant}; allowed: {some}" + (f"; {otherwise}" if otherwise else "")

    return reason
