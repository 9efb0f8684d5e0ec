"""The tables of `workforce precision`: errors of means, wanted precision, and sources of the spread."""

from collections.abc import Iterable, Sequence

import polars as pl

from settings.models.calendar import FiscalCalendar
from tasks.studies.figures import BY_NAME
from tasks.studies.precision import Need, needs
from tasks.text.calendar import year_label, year_values
from tasks.text.tables import Record, TextTable


def error_table(errors: pl.DataFrame, replicates: int, calendar: FiscalCalendar) -> TextTable:
    """Return the error of each figure in the scenario and year with the largest, and what 1 % takes."""
    table = TextTable(
        f"Error of means over {replicates} replicates: half-width of the 95 % confidence interval as a share "
        "of the mean, in the scenario and year with the largest error",
        name="errors",
        fields=(
            *("figure", "scenario_id", *year_values(calendar, 1), "replicates", "relative_error"),
            *("replicates_for_1_percent", "replicates_for_0_1_percent"),
        ),
    )
    table.add_column("Figure", "key")
    for heading in ("Error", "Replicates for 1 %", "for 0.1 %"):
        table.add_column(heading, "number")
    table.add_column("Scenario and year", "prose")
    figures = [name for name in BY_NAME if name in errors["figure"].to_list()]
    for percent, tenth in zip(
        needs(errors, dict.fromkeys(figures, 0.01)), needs(errors, dict.fromkeys(figures, 0.001)), strict=True
    ):
        table.add_row(
            BY_NAME[percent.figure].title,
            f"±{percent.reached:.3%}",
            f"{percent.replicates:,}",
            f"{tenth.replicates:,}",
            f"{percent.scenario_id}, {year_label(calendar, percent.simulation_year)}",
            values={
                **_where(percent, calendar),
                "replicates": replicates,
                "relative_error": percent.reached,
                "replicates_for_1_percent": percent.replicates,
                "replicates_for_0_1_percent": tenth.replicates,
            },
        )
    return table


def wanted_values(wanted: Iterable[Need], replicates: int, calendar: FiscalCalendar) -> TextTable:
    """Return the wanted precisions for other programs; a terminal has a sentence for each."""
    table = TextTable(
        name="wanted",
        fields=(
            *("figure", "scenario_id", *year_values(calendar, 1), "replicates", "relative_error"),
            *("wanted_error", "replicates_needed"),
        ),
    )
    for need in wanted:
        table.add_values(
            {
                **_where(need, calendar),
                "replicates": replicates,
                "relative_error": need.reached,
                "wanted_error": need.share,
                "replicates_needed": need.replicates,
            }
        )
    return table


def sources_table(
    found: pl.DataFrame, sources: Sequence[str], replicates: int, calendar: FiscalCalendar
) -> TextTable:
    """Return the spread of each figure and year, and the share of its variance by source."""
    table = TextTable(
        f"Standard deviation over {replicates} replicates, as a share of the mean, and the share of the "
        "variance that disappears when a source is frozen",
        name="sources",
    )
    table.add_column("Scenario", "group")
    table.add_column("Figure", "key")
    table.add_column("Year", "key")
    for heading in ("Deviation", *(source.capitalize() for source in sources)):
        table.add_column(heading, "number")
    for scenario in found["scenario_id"].unique(maintain_order=True):
        for name in BY_NAME:
            rows = found.filter(scenario_id=scenario, figure=name).sort("simulation_year")
            for row in rows.iter_rows(named=True):
                deviation = row["deviation"] / abs(row["mean"]) if row["mean"] else None
                table.add_row(
                    scenario,
                    BY_NAME[name].title,
                    year_label(calendar, row["simulation_year"]),
                    "–" if deviation is None else f"{deviation:.2%}",
                    *(f"{row[source]:.0%}" for source in sources),
                    values={
                        "scenario_id": scenario,
                        "figure": name,
                        **year_values(calendar, row["simulation_year"]),
                        "mean": row["mean"],
                        "standard_deviation": row["deviation"],
                        "relative_deviation": deviation,
                        **{f"{source}_share": row[source] for source in sources},
                    },
                )
    return table


def _where(need: Need, calendar: FiscalCalendar) -> Record:
    return {
        "figure": need.figure,
        "scenario_id": need.scenario_id,
        **year_values(calendar, need.simulation_year),
    }


def note_on_same(same: Sequence[str], *, exact: bool) -> str:
    """Return which figures are the same in every replicate, and why if all counts are given by targets.

    In a stub they are not: how many of those hired before the opening leave, and so the hires, is by chance.
    """
    names = ", ".join(BY_NAME[name].title.lower() for name in same)
    if not (exact and {"hires", "leavers"} <= set(same)):
        return f"The same in every replicate: {names}."
    return (
        f"The same in every replicate, by construction: {names}. In mode exact the draws decide who, not "
        "how many: only pay and promotions vary; in mode expected counts vary too."
    )
