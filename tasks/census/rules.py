"""The rules for a valid row of a census, as a Dataframely schema, and the message for each broken rule."""

import re
from collections.abc import Collection, Sequence

import dataframely as dy
import polars as pl

from settings.models.hiring import MIN_AGE_AT_HIRE
from tasks.census.amounts import AMOUNT_ALLOWED
from tasks.census.date_forms import DATE_FORMATS_ALLOWED
from tasks.census.errors import REJECTS_SCHEMA
from tasks.census.fte import FTE_ALLOWED

MAX_VALUE_SHOWN = 100

_BARE_ID = pl.col("employee_id").str.strip_chars()
#: An id of a simulated hire.
RESERVED = r"^H\d{4}-\d{7}$"
#: A text that a spreadsheet would execute as a formula.
FORMULA = r"^[=+@]"


class CensusRow(dy.Schema):
    """One row of the file: the texts beside the parsed values.

    A rule is true for a valid row. A null (a missing or unparsable cell) violates only the rule about missing
    or unparsable cells, so that each fault is reported once.
    """

    row_number = dy.Int64()
    employee_id = dy.String(nullable=True)
    birth_date_text = dy.String(nullable=True)
    birth_date = dy.Date(nullable=True)
    hire_date_text = dy.String(nullable=True)
    hire_date = dy.Date(nullable=True)
    termination_date_text = dy.String(nullable=True)
    termination_date = dy.Date(nullable=True)
    salary_text = dy.String(nullable=True)
    salary = dy.Decimal(14, 2, nullable=True)
    level_text = dy.String(nullable=True)
    level = dy.Int32(nullable=True)
    fte_text = dy.String(nullable=True)
    opening_date = dy.Date()
    level_known = dy.Bool()
    fte_known = dy.Bool()

    @dy.rule()
    def employee_id_present(cls) -> pl.Expr:
        return pl.col("employee_id").is_not_null() & (_BARE_ID != "")

    @dy.rule()
    def employee_id_printable(cls) -> pl.Expr:
        return (_BARE_ID == "") | ~pl.col("employee_id").str.contains(r"[\p{Cc}\p{Cf}]")

    @dy.rule()
    def employee_id_no_formula(cls) -> pl.Expr:
        return ~_BARE_ID.str.contains(FORMULA)

    @dy.rule()
    def employee_id_not_reserved(cls) -> pl.Expr:
        return ~pl.col("employee_id").str.contains(RESERVED)

    @dy.rule()
    def employee_id_unique(cls) -> pl.Expr:
        return pl.col("employee_id").is_null() | (_BARE_ID == "") | pl.col("employee_id").is_unique()

    @dy.rule()
    def employee_id_unlike_others(cls) -> pl.Expr:
        alone = _BARE_ID.is_unique() | pl.col("employee_id").is_duplicated()
        return pl.col("employee_id").is_null() | (_BARE_ID == "") | alone

    @dy.rule()
    def birth_date_present(cls) -> pl.Expr:
        return pl.col("birth_date_text").is_not_null()

    @dy.rule()
    def birth_date_understood(cls) -> pl.Expr:
        return pl.col("birth_date_text").is_null() | pl.col("birth_date").is_not_null()

    @dy.rule()
    def birth_by_opening(cls) -> pl.Expr:
        return pl.col("birth_date") <= pl.col("opening_date")

    @dy.rule()
    def hire_date_present(cls) -> pl.Expr:
        return pl.col("hire_date_text").is_not_null()

    @dy.rule()
    def hire_date_understood(cls) -> pl.Expr:
        return pl.col("hire_date_text").is_null() | pl.col("hire_date").is_not_null()

    @dy.rule()
    def hire_by_opening(cls) -> pl.Expr:
        return pl.col("hire_date") <= pl.col("opening_date")

    @dy.rule()
    def hire_after_birth(cls) -> pl.Expr:
        return pl.col("hire_date") > pl.col("birth_date")

    @dy.rule()
    def hire_at_working_age(cls) -> pl.Expr:
        of_age = pl.col("birth_date").dt.offset_by(f"{MIN_AGE_AT_HIRE}y")
        return (pl.col("hire_date") <= pl.col("birth_date")) | (pl.col("hire_date") >= of_age)

    @dy.rule()
    def termination_date_understood(cls) -> pl.Expr:
        return pl.col("termination_date_text").is_null() | pl.col("termination_date").is_not_null()

    @dy.rule()
    def termination_by_opening(cls) -> pl.Expr:
        return pl.col("termination_date") <= pl.col("opening_date")

    @dy.rule()
    def termination_after_hire(cls) -> pl.Expr:
        return pl.col("termination_date") >= pl.col("hire_date")

    @dy.rule()
    def salary_present(cls) -> pl.Expr:
        return pl.col("salary_text").is_not_null()

    @dy.rule()
    def salary_understood(cls) -> pl.Expr:
        return pl.col("salary_text").is_null() | pl.col("salary").is_not_null()

    @dy.rule()
    def salary_positive(cls) -> pl.Expr:
        return pl.col("salary") > 0

    @dy.rule()
    def level_exists(cls) -> pl.Expr:
        return pl.col("level_text").is_null() | pl.col("level_known")

    @dy.rule()
    def fte_understood(cls) -> pl.Expr:
        return pl.col("fte_text").is_null() | pl.col("fte_known")


class DimensionValue(dy.Schema):
    """One employee's value of one dimension."""

    row_number = dy.Int64()
    value = dy.String(nullable=True)

    @dy.rule()
    def dimension_no_formula(cls) -> pl.Expr:
        return ~pl.col("value").str.contains(FORMULA)

    @dy.rule()
    def dimension_printable(cls) -> pl.Expr:
        return ~pl.col("value").str.contains(r"\p{Cc}")


def reasons(opening: str, level_ids: Sequence[int], late: str | None = None) -> dict[str, str]:
    """Return the message for each rule: the fault, and what is allowed.

    `opening` is the opening date as text, with where it comes from.
    `late` is the fault of a date after the opening date, if that is not the opening date of a simulation.
    """
    levels = ", ".join(str(level) for level in level_ids)
    by_opening = late or f"is after the opening date; allowed: up to {opening}"
    no_level = "to take it from the salary" if late is None else "if it is not known"
    formula = "begins with =, + or @ like a formula; allowed: plain text"
    return {
        "employee_id_present": "is missing; allowed: any text that is unique in the census",
        "employee_id_printable": "contains an invisible character; allowed: printable text",
        "employee_id_no_formula": formula,
        "employee_id_not_reserved": "has the form H2025-0000001, which is reserved for simulated hires",
        "employee_id_unique": "is also in row {other_row}; allowed: one row per employee",
        "employee_id_unlike_others": (
            "is the id of row {other_row} apart from surrounding blanks; allowed: one row per employee"
        ),
        "birth_date_present": f"is missing; allowed: {DATE_FORMATS_ALLOWED}",
        "birth_date_understood": f"is not a date; allowed: {DATE_FORMATS_ALLOWED}",
        "birth_by_opening": by_opening,
        "hire_date_present": f"is missing; allowed: {DATE_FORMATS_ALLOWED}",
        "hire_date_understood": f"is not a date; allowed: {DATE_FORMATS_ALLOWED}",
        "hire_by_opening": by_opening,
        "hire_after_birth": "is not after the birth date; allowed: a later date",
        "hire_at_working_age": f"is before the age of {MIN_AGE_AT_HIRE}; allowed: from that birthday on",
        "termination_date_understood": f"is not a date; allowed: {DATE_FORMATS_ALLOWED}; empty if employed",
        "termination_by_opening": f"{by_opening}; empty if employed",
        "termination_after_hire": "is before the hire date; allowed: that day or later; empty if employed",
        "salary_present": f"is missing; allowed: {AMOUNT_ALLOWED}",
        "salary_understood": f"is not an amount; allowed: {AMOUNT_ALLOWED}",
        "salary_positive": f"is not above 0; allowed: {AMOUNT_ALLOWED}",
        "level_exists": f"is not a level; allowed: {levels}; empty {no_level}",
        "fte_understood": (
            f"is not an FTE; allowed: {FTE_ALLOWED}; empty for full-time. 50 for 50 % is written 0.5 or 50%"
        ),
        "dimension_no_formula": formula,
        "dimension_printable": "contains a control character; allowed: printable text or nothing",
    }


def failures(
    rows: pl.DataFrame,
    dimensions: pl.DataFrame,
    opening: str,
    level_ids: Sequence[int],
    *,
    late: str | None = None,
    excused: Collection[str] = (),
) -> pl.DataFrame:
    """Return every fault of every row with REJECTS_SCHEMA: one line per row and broken rule.

    `rows` has the columns of CensusRow; `dimensions` has one column per dimension, in the same order of rows.
    `opening` and `late` are as in `reasons`; rows may break the `excused` rules.
    """
    messages = {rule: text for rule, text in reasons(opening, level_ids, late).items() if rule not in excused}
    found = []
    failed = CensusRow.filter(rows)[1].details()
    # The other row that a message names for a duplicate: the first of its group; for the first, the second.
    number = pl.col("row_number")
    failed = failed.with_columns(first=number.min().over(_BARE_ID)).with_columns(
        second=pl.when(number > pl.col("first")).then(number).min().over(_BARE_ID)
    )
    failed = failed.with_columns(
        other_row=pl.when(number == pl.col("first")).then("second").otherwise("first")
    )
    for rule in messages:
        if rule not in failed.columns:
            continue
        column = _column_of(rule)
        text = f"{column}_text" if f"{column}_text" in failed.columns else column
        found.append(reject_rows(failed.filter(pl.col(rule) == "invalid"), column, text, messages[rule]))
    for dimension in dimensions.columns:
        values = pl.DataFrame({"row_number": rows["row_number"], "value": dimensions[dimension]})
        failed_values = DimensionValue.filter(values)[1].details()
        for rule in ("dimension_no_formula", "dimension_printable"):
            broken = failed_values.filter(pl.col(rule) == "invalid")
            found.append(reject_rows(broken, dimension, "value", messages[rule]))
    return pl.concat(found).sort("row_number", maintain_order=True)


def _column_of(rule: str) -> str:
    """Return the column that a rule is about, from the start of the rule's name."""
    for stem, column in (
        ("employee_id", "employee_id"), ("birth", "birth_date"), ("hire", "hire_date"),
        ("termination", "termination_date"), ("salary", "salary"), ("level", "level"), ("fte", "fte"),
    ):  # fmt: skip
        if re.match(rf"{stem}_", rule):
            return column
    raise KeyError(rule)


def reject_rows(broken: pl.DataFrame, column: str, text: str, reason: str | pl.Expr) -> pl.DataFrame:
    """Return bad rows with REJECTS_SCHEMA; `text` is the column of `broken` with the value found.

    `{other_row}` in a reason stands for the column of that name.
    """
    if broken.is_empty():
        return pl.DataFrame(schema=REJECTS_SCHEMA)
    if isinstance(reason, str):
        before, placeholder, after = reason.partition("{other_row}")
        reason = pl.format(before + "{}" + after, pl.col("other_row")) if placeholder else pl.lit(reason)
    value = pl.col(text).fill_null("")
    shown = pl.when(value.str.len_chars() > MAX_VALUE_SHOWN).then(
        value.str.slice(0, MAX_VALUE_SHOWN) + "…"
    ).otherwise(value)  # fmt: skip
    return broken.select(
        pl.col("row_number"), column=pl.lit(column), value=shown, reason=reason
    ).cast(REJECTS_SCHEMA)  # fmt: skip
