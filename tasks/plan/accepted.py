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
from tasks.text.calendar import year_values
from tasks.text.facts import Fact
from tasks.text.tables import TextTable


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


def actions_summary(file: ActionsFile) -> dict[str, Fact]:
    """Return the summary of a file of actions: label → text and value."""
    rows, uncertain = file.rows, file.rows.filter(pl.col("probability") < 1)
    summary = {"Actions": Fact.count(rows.height), "Certain": Fact.count(rows.height - uncertain.height)}
    if uncertain.height:
        ordered = uncertain["probability"].sort()
        low, high = (f"{value.normalize():f}" for value in (ordered[0], ordered[-1]))
        expected = uncertain["probability"].sum()
        summary["With a probability"] = Fact(
            f"{uncertain.height:,}, from {low} to {high}; {expected:,.2f} of them are expected to happen",
            {
                "actions": uncertain.height,
                "lowest": ordered[0],
                "highest": ordered[-1],
                "expected_to_happen": expected,
            },
        )
    hired = rows.filter(pl.col("action") == "hire")["people"].sum()
    if hired:
        summary["People hired"] = Fact.count(hired)
    scenarios = rows["scenario"].drop_nulls().unique().sort().to_list()
    summary["Of single scenarios"] = Fact(abbreviated(scenarios) or "none", scenarios)
    dropped = list(file.dropped_columns)
    summary["Columns not read"] = Fact(abbreviated(dropped) or "none", len(dropped))
    summary |= {label: Fact(text, text) for label, text in file.inferred.items()}
    summary["SHA-256"] = Fact(file.sha256, file.sha256)
    return summary


def counts_by_year(file: ActionsFile, calendar: FiscalCalendar) -> TextTable:
    """Return the number of rows by action: by fiscal year, and in total."""
    rows = file.rows.select("action", year=fiscal_year(pl.col("action_date"), calendar))
    years = rows["year"].unique().sort().to_list()
    table = TextTable(name="counts", fields=("action", *year_values(calendar, 1), "rows"))
    table.add_column("Action", "key")
    for heading in (*map(calendar.name, years), "Total"):
        table.add_column(heading, "number")
    for kind in KINDS:
        found = rows.filter(pl.col("action") == kind)["year"]
        if len(found):
            counts = {year: int((found == year).sum()) for year in years}
            table.add_row(kind, *(f"{count:,}" for count in counts.values()), f"{len(found):,}")
            table.add_values(
                *(
                    {"action": kind, **year_values(calendar, year), "rows": count}
                    for year, count in counts.items()
                )
            )
    return table
