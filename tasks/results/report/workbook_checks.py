"""Formulas of the workbook that check whether its figures add up, and what each of them gives.

A check is a column of a sheet: in each row a formula that shows OK or differs. Its value is computed
here too, from the tables, so that a viewer that calculates nothing shows it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from settings.models.calendar import FiscalCalendar
from tasks.results.actuals import FORECAST
from tasks.results.report.table import SCENARIO, YEAR, Table
from tasks.studies.variance.bridge import EFFECTS
from tasks.text.calendar import year_label
from tasks.text.costs import LOADED, PARTS
from tasks.text.events import EVENT_KINDS, OUTCOMES

OK, DIFFERS = "OK", "differs"
#: What sums of decimals may be off: means over replicates are fractions, amounts have two decimals.
COUNT_TOLERANCE, MONEY_TOLERANCE = 0.001, 0.02

_LEAVERS = ("experienced_leavers", "new_hire_leavers", "reductions")
_COSTS = ("salary", *(cost.name for cost in PARTS))


@dataclass(frozen=True)
class Amount:
    """A part of a formula, and its value."""

    formula: str
    value: float

    def __neg__(self) -> "Amount":
        return Amount(f"-{self.formula}", -self.value)


@dataclass(frozen=True)
class Check:
    """A check of a row: that the parts add up to the total."""

    parts: tuple[Amount, ...]
    total: Amount
    tolerance: float

    @property
    def formula(self) -> str:
        """The formula, which shows OK or differs."""
        # each part has its sign in front
        added = "".join(
            part.formula if part.formula[0] == "-" else f"+{part.formula}" for part in self.parts
        ).removeprefix("+")
        return f'=IF(ABS({added}-{self.total.formula})<={self.tolerance},"{OK}","{DIFFERS}")'

    @property
    def value(self) -> str:
        """What the formula shows."""
        off = abs(sum(part.value for part in self.parts) - self.total.value)
        return OK if off <= self.tolerance else DIFFERS


@dataclass(frozen=True)
class CheckColumn:
    """A column of checks: heading, what it checks, and the check of each row, None where there is none."""

    label: str
    meaning: str
    checks: tuple[Check | None, ...]


class _Sheet:
    """A table as the sheet that shows it: addresses of its cells and columns."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.columns = {column.key: place for place, column in enumerate(table.columns)}
        self.name = table.name if table.name.isalnum() else f"'{table.name}'"

    def cell(self, key: str, number: int) -> Amount:
        """A cell of the sheet itself; `number` counts the rows from 0."""
        value = self.table.rows[number][key]
        is_number = isinstance(value, int | float)
        return Amount(xl_rowcol_to_cell(number + 1, self.columns[key]), float(value) if is_number else 0.0)

    def column(self, key: str) -> str:
        """The cells of a column, as other sheets name them."""
        letter = xl_col_to_name(self.columns[key])
        return f"{self.name}!${letter}$2:${letter}${len(self.table.rows) + 1}"

    def sum(self, key: str, *conditions: tuple[str, str, Callable[[Any], bool]]) -> Amount:
        """The sum of a column over the rows that meet conditions: column, criterion, the same in Python."""
        criteria = "".join(f",{self.column(name)},{criterion}" for name, criterion, _ in conditions)
        value = sum(
            float(row[key])
            for row in self.table.rows
            if row[key] is not None and all(meets(row[name]) for name, _, meets in conditions)
        )
        return Amount(f"SUMIFS({self.column(key)}{criteria})", value)


#: In these tables each row adds up: columns to add (- in front: to subtract), and the column of the total.
_ROWS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "headcount": (("opening", "hires", *(f"-{name}" for name in _LEAVERS)), "closing"),
    "full_year": (("opening", "hires", *(f"-{name}" for name in _LEAVERS)), "closing"),
    "segments": (
        ("opening", "hires", "transfers_in", "-transfers_out", *(f"-{name}" for name in _LEAVERS)),
        "closing",
    ),
    "payroll": (("opening", *(kind.event_type for kind in EVENT_KINDS)), "closing"),
    "cost": (_COSTS, LOADED.name),
    "months": (_COSTS, LOADED.name),
    "levels": (("opening", "hires", "promoted_in", "-promoted_out", "-leavers"), "closing"),
    "causes": (_LEAVERS, "leavers"),
    "dimensions": (("opening", "hires", "transfers_in", "-transfers_out", "-leavers"), "closing"),
    "actions": (tuple(OUTCOMES), "planned"),
    "variance": (("budget", *EFFECTS), "forecast"),
    "cost_differences": (
        ("paid_difference", *(f"{cost.name}_difference" for cost in PARTS)),
        f"{LOADED.name}_difference",
    ),
}


def checks_of(tables: Sequence[Table], calendar: FiscalCalendar) -> dict[str, list[CheckColumn]]:
    """Return the columns of checks of each table, by the table's key."""
    sheets = {table.key: _Sheet(table) for table in tables}
    found: dict[str, list[CheckColumn]] = {key: [] for key in sheets}
    for key, (parts, total) in _ROWS.items():
        if key in sheets and total in sheets[key].columns:
            found[key].append(_row_sums(sheets[key], parts, total))
    for key, column in _between_sheets(sheets, calendar):
        if any(column.checks):
            found[key].append(column)
    return found


def _row_sums(sheet: _Sheet, parts: Sequence[str], total: str) -> CheckColumn:
    parts = [part for part in parts if part.removeprefix("-") in sheet.columns]  # others are 0 everywhere
    labels = {column.key: column.label.lower() for column in sheet.table.columns}
    words = "".join(
        f"{' − ' if part[0] == '-' else ' + '}{labels[part.removeprefix('-')]}" for part in parts
    ).removeprefix(" + ")
    is_money = next(column.kind for column in sheet.table.columns if column.key == total) == "money"
    tolerance = MONEY_TOLERANCE if is_money else COUNT_TOLERANCE

    def check(number: int) -> Check | None:
        if sheet.table.rows[number][total] is None:
            return None
        amounts = tuple(
            -sheet.cell(part[1:], number) if part[0] == "-" else sheet.cell(part, number) for part in parts
        )
        return Check(amounts, sheet.cell(total, number), tolerance)

    return _column(sheet, "Adds up", f"Live formula: {words} = {labels[total]}", check)


def _column(sheet: _Sheet, label: str, meaning: str, check: Callable[[int], Check | None]) -> CheckColumn:
    return CheckColumn(label, meaning, tuple(check(number) for number in range(len(sheet.table.rows))))


def _between_sheets(
    sheets: Mapping[str, _Sheet], calendar: FiscalCalendar
) -> Iterator[tuple[str, CheckColumn]]:
    """Yield the checks of one sheet against another: key of the sheet that has the column, and the column."""
    for key, total in (("headcount", "closing"), ("payroll", "closing")):
        if key in sheets:
            yield key, _continued(sheets[key], total)
    for key, total, other, summed in (
        ("headcount", "closing", "levels", "closing"),
        ("payroll", "closing", "levels", "closing_payroll"),
        ("headcount", "closing", "segments", "closing"),
        ("headcount", "experienced_leavers", "causes", "experienced_leavers"),
    ):
        if key in sheets and other in sheets and summed in sheets[other].columns:
            yield key, _of_parts(sheets[key], total, sheets[other], summed)
    for key, total in (("headcount", "hires"), ("cost", LOADED.name)):
        if key in sheets and "months" in sheets and total in sheets["months"].columns:
            yield key, _of_months(sheets[key], total, sheets["months"], calendar)
    if "dimensions" in sheets and "headcount" in sheets:
        yield "dimensions", _of_values(sheets["dimensions"], sheets["headcount"])
    if "differences" in sheets and "headcount" in sheets:
        yield "differences", _of_scenarios(sheets["differences"], sheets["headcount"])


def _same(name: str, sheet: _Sheet, number: int, own: str = "") -> tuple[str, str, Callable[[Any], bool]]:
    """The condition that column `name` has the value of the row's own column (`own`, or the same)."""
    own = own or name
    wanted = sheet.table.rows[number][own]
    return name, xl_rowcol_to_cell(number + 1, sheet.columns[own]), lambda value: value == wanted


def _continued(sheet: _Sheet, total: str) -> CheckColumn:
    rows = sheet.table.rows

    def check(number: int) -> Check | None:
        if number == 0 or rows[number][SCENARIO.key] != rows[number - 1][SCENARIO.key]:
            return None
        tolerance = MONEY_TOLERANCE if sheet.table.key == "payroll" else COUNT_TOLERANCE
        return Check((sheet.cell("opening", number),), sheet.cell(total, number - 1), tolerance)

    return _column(sheet, "Follows on", "Live formula: opening = closing of the year before", check)


def _of_parts(sheet: _Sheet, total: str, parts: _Sheet, summed: str) -> CheckColumn:
    in_parts = {(row[SCENARIO.key], row[YEAR.key]) for row in parts.table.rows}
    tolerance = MONEY_TOLERANCE if "payroll" in summed else COUNT_TOLERANCE

    def check(number: int) -> Check | None:
        row = sheet.table.rows[number]
        if (row[SCENARIO.key], row[YEAR.key]) not in in_parts:
            return None  # a scenario without targets has no segments
        conditions = [_same(name, sheet, number) for name in (SCENARIO.key, YEAR.key)]
        return Check((parts.sum(summed, *conditions),), sheet.cell(total, number), tolerance)

    name = parts.table.name
    label = next(column.label for column in sheet.table.columns if column.key == total)
    return _column(sheet, f"{name} add up", f"Live formula: sum over sheet {name} = {label.lower()}", check)


def _of_months(sheet: _Sheet, total: str, months: _Sheet, calendar: FiscalCalendar) -> CheckColumn:
    numbers = {
        year_label(calendar, year): year for year in range(calendar.first_year, calendar.first_year + 100)
    }
    tolerance = MONEY_TOLERANCE if total == LOADED.name else COUNT_TOLERANCE

    def check(number: int) -> Check | None:
        row = sheet.table.rows[number]
        if row[total] is None:
            return None
        of_year = calendar.months(numbers[str(row[YEAR.key])])
        first, last = of_year[0].replace(day=1), of_year[-1]
        conditions = [
            _same(SCENARIO.key, sheet, number),
            ("month", f'">="&DATE({first:%Y,%-m,%-d})', lambda value: value >= first),
            ("month", f'"<="&DATE({last:%Y,%-m,%-d})', lambda value: value <= last),
        ]
        if "basis" in months.columns:  # a year has the simulated part only
            conditions.append(("basis", f'"{FORECAST}"', lambda value: value == FORECAST))
        return Check((months.sum(total, *conditions),), sheet.cell(total, number), tolerance)

    label = next(column.label for column in sheet.table.columns if column.key == total)
    words = f"Live formula: sum over the months of the year in sheet {months.table.name} = {label.lower()}"
    return _column(sheet, "Months add up", words, check)


def _of_values(sheet: _Sheet, headcount: _Sheet) -> CheckColumn:
    last = headcount.table.rows[-1][YEAR.key]
    criterion = str(last) if isinstance(last, int) else f'"{last}"'

    def check(number: int) -> Check | None:
        total = headcount.sum(
            "closing",
            _same(SCENARIO.key, sheet, number),
            (YEAR.key, criterion, lambda value: value == last),
        )
        values = sheet.sum("closing", *(_same(name, sheet, number) for name in (SCENARIO.key, "dimension")))
        return Check((values,), total, COUNT_TOLERANCE)

    words = f"Live formula: sum of closing over the values of the dimension = closing of {last} in Headcount"
    return _column(sheet, "Values add up", words, check)


def _of_scenarios(sheet: _Sheet, headcount: _Sheet) -> CheckColumn:
    def check(number: int) -> Check | None:
        def closing(of: str) -> Amount:
            year = _same(YEAR.key, sheet, number)
            return headcount.sum("closing", _same(SCENARIO.key, sheet, number, of), year)

        difference = sheet.cell("headcount_difference", number)
        return Check((closing(SCENARIO.key), -closing("against")), difference, COUNT_TOLERANCE)

    words = "Live formula: closing of the scenario − closing of the baseline in Headcount = closing headcount"
    return _column(sheet, "Agrees", words, check)
