"""Validated actions: of one file, and of all scenarios of a run."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from settings.errors import legible
from settings.models.calendar import FiscalCalendar
from tasks.census.errors import abbreviated
from tasks.census.fiscal_years import fiscal_year
from tasks.plan.columns import KINDS, SCHEMA


@dataclass(frozen=True)
class ActionsFile:
    """A file of actions that passed validation."""

    name: str  # without folders
    sha256: str  # of the file
    rows: pl.DataFrame  # SCHEMA and a String column per dimension, in the order of the file; `scenario`
    dropped_columns: tuple[str, ...]  # names of the file's columns that were not read
    inferred: Mapping[str, str]  # ambiguity in the file → how it was resolved
    warnings: tuple[str, ...]  # what may be a mistake and is accepted

    def of_scenario(self, scenario_id: str) -> pl.DataFrame:
        """Return the rows that apply to a scenario, without column `scenario`."""
        applies = pl.col("scenario").is_null() | (pl.col("scenario") == scenario_id)
        return self.rows.filter(applies).drop("scenario")


@dataclass(frozen=True)
class Plans:
    """The known actions of a run."""

    #: Scenario id → its actions: SCHEMA and a String column per dimension, null where the action does not
    #: set it. Scenarios without actions are left out.
    by_scenario: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    files: Mapping[str, ActionsFile] = field(default_factory=dict)  # scenario id → file

    @property
    def table(self) -> pl.DataFrame:
        """All actions in one frame, which column scenario_id precedes."""
        frames = [
            plan.select(pl.lit(scenario).alias("scenario_id"), pl.all())
            for scenario, plan in self.by_scenario.items()
        ]
        return pl.concat(frames) if frames else pl.DataFrame(schema={"scenario_id": pl.String, **SCHEMA})

    @property
    def sha256(self) -> str | None:
        """The SHA-256 of the actions as CSV, whatever the format of the files; None without actions."""
        return hashlib.sha256(self.table.write_csv().encode()).hexdigest() if self.by_scenario else None

    @property
    def lines(self) -> tuple[str, ...]:
        """A line per file with which a run's output begins."""
        return tuple(
            dict.fromkeys(
                f"Known actions {legible(file.name)}: {file.rows.height:,}." for file in self.files.values()
            )
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings of all files, each once."""
        return tuple(
            dict.fromkeys(f"{file.name}: {text}" for file in self.files.values() for text in file.warnings)
        )

    @classmethod
    def of_table(cls, table: pl.DataFrame) -> "Plans":
        """Return the plans from a frame as `table` returns it."""
        parts = table.partition_by("scenario_id", include_key=False, maintain_order=True, as_dict=True)
        return cls({str(scenario): plan for (scenario,), plan in parts.items()})

    def of_scenarios(self, ids: Sequence[str]) -> "Plans":
        """Return the plans of some scenarios."""
        return Plans(
            {name: plan for name, plan in self.by_scenario.items() if name in ids},
            {name: file for name, file in self.files.items() if name in ids},
        )


def actions_summary(file: ActionsFile) -> dict[str, str]:
    """Return the summary of a file of actions: label → formatted value."""
    rows, uncertain = file.rows, file.rows.filter(pl.col("probability") < 1)
    summary = {"Actions": f"{rows.height:,}", "Certain": f"{rows.height - uncertain.height:,}"}
    if uncertain.height:
        ordered = uncertain["probability"].sort()
        low, high = (f"{value.normalize():f}" for value in (ordered[0], ordered[-1]))
        expected = f"{uncertain['probability'].sum():,.2f}"
        summary["With a probability"] = (
            f"{uncertain.height:,}, from {low} to {high}; {expected} of them are expected to happen"
        )
    hired = rows.filter(pl.col("action") == "hire")["people"].sum()
    if hired:
        summary["People hired"] = f"{hired:,}"
    scenarios = rows["scenario"].drop_nulls().unique().sort().to_list()
    summary["Of single scenarios"] = abbreviated(scenarios) or "none"
    summary["Columns not read"] = abbreviated(list(file.dropped_columns)) or "none"
    summary |= file.inferred
    summary["SHA-256"] = file.sha256
    return summary


def counts_by_year(file: ActionsFile, calendar: FiscalCalendar) -> list[tuple[str, ...]]:
    """Return a heading and a line per action: the number of rows by fiscal year and in total."""
    rows = file.rows.select("action", year=fiscal_year(pl.col("action_date"), calendar))
    years = rows["year"].unique().sort().to_list()
    lines = [("Action", *map(calendar.name, years), "Total")]
    for kind in KINDS:
        found = rows.filter(pl.col("action") == kind)["year"]
        if len(found):
            lines.append((kind, *(f"{(found == year).sum():,}" for year in years), f"{len(found):,}"))
    return lines
