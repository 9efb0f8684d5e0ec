"""Settings of the census file: its location and how to read it."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from settings.models.base import MERGED, SettingsGroup, Share, unique
from settings.models.currency import known_currency
from settings.models.location import FileLocation

# Columns of fct_workforce_snapshot, fct_month_summary, the census and the known actions: dimensions
# become further columns of these tables.
RESERVED_COLUMNS = frozenset(
    [
        "scenario_id",
        "replicate",
        "simulation_year",
        "employee_id",
        "employment_status",
        "birth_date",
        "hire_date",
        "termination_date",
        "age",
        "age_band",
        "tenure",
        "tenure_band",
        "level",
        "level_inferred",
        "salary",
        "fte",
        "prorated_compensation",
        "month",
        "basis",  # actual or forecast, in months
        "headcount",
        "hires",
        "leavers",
        "salary_cost",
        "loaded_cost",
        "experienced_terminations",
        "new_hire_terminations",
        "reductions",
        "transfers_in",
        "transfers_out",
        "employee_days",
        "bonus_cost",
        "benefits_cost",
        "payroll_tax_cost",
        "recruiting_cost",
        "severance_cost",
        "total",  # breakdowns of scenario comparisons, like levels and dimensions
        "segment",
        "combination_id",
        "row_number",
        # columns of a file of known actions, beside its dimensions
        "action_id",
        "action",
        "action_date",
        "date",
        "count",
        "people",
        "cause",
        "probability",
        "scenario",
        "move_id",
    ]
)


def _not_reserved(name: str) -> str:
    if name in RESERVED_COLUMNS:
        raise ValueError(
            f"{name!r} is already a column of the results; give the dimension another name "
            "and map it to the file's column by census.columns"
        )
    return name


def _as_boolean(value: object) -> object:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _nulls_as_texts(values: object) -> object:
    """Replace a null in the list by the texts that YAML reads as null: NULL, Null and null."""
    if not isinstance(values, list):
        return values
    texts = [text for value in values for text in (["NULL", "Null", "null"] if value is None else [value])]
    return [text.strip() if isinstance(text, str) else text for text in texts]


Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Dimension = Annotated[Identifier, AfterValidator(_not_reserved)]
NonEmpty = Annotated[str, Field(min_length=1)]


class CensusSettings(SettingsGroup):
    """The census file and how to read it."""

    path: FileLocation | None = Field(
        description="Census file, .csv, .parquet or .xlsx, or its URL, as in https://… or s3://…; a relative "
        "path in a settings file starts at that file's folder; null: the bundled sample of 2,000 "
        "employees"
    )
    columns: Annotated[dict[Identifier, NonEmpty], Field(json_schema_extra={MERGED: True})] = Field(
        description="Column name of the product -> column name in the file, as in {salary: Annual Pay}"
    )
    dimensions: Annotated[list[Dimension], Field(max_length=20), AfterValidator(unique("dimension"))] = Field(
        description="Columns to break results down by, if the file has them. Names consist of lower-case "
        "letters, digits and _; census.columns maps other names of the file to them"
    )
    salary_basis: Literal["actual", "full_time"] = Field(
        description="What the salary column holds for part-time employees: the pay that they get (actual), "
        "or the pay of a full-time job, of which they get the share in column fte (full_time)"
    )
    max_rejected_share: Share = Field(
        description="Largest accepted share of rejected rows (share of the rows read)"
    )
    date_formats: list[Annotated[str, Field(pattern="%")]] = Field(
        description="Further date formats to try, in strptime notation, such as '%d/%m/%Y'"
    )
    decimal_comma: Annotated[Literal["auto", True, False], BeforeValidator(_as_boolean)] = Field(
        description="Whether numbers have a decimal comma, as in 56.000,00; auto: detected for each column"
    )
    currency: Annotated[NonEmpty, AfterValidator(known_currency)] | None = Field(
        description="Currency of all amounts, a code such as EUR or a sign such as $; null: the one "
        "named in the salaries, if any. It is shown beside amounts; nothing is converted"
    )
    empty_values: Annotated[list[NonEmpty], BeforeValidator(_nulls_as_texts)] = Field(
        description="Texts that mean an empty cell, in every column that is read, as in [NULL, 9999-12-31, "
        "'-']; in a date column, every format of the same date"
    )
    allow_empty: bool = Field(
        description="Whether a census without employees at the opening date is accepted"
    )
    encoding: NonEmpty = Field(description="Encoding of a CSV file: auto, utf-8, cp1252, latin-1, utf-16, …")
    sheet: NonEmpty | None = Field(description="Sheet of an Excel file; null: the first")
