"""The report's table of what each setting contributes to the differences of scenarios."""

from collections.abc import Iterator, Sequence

import polars as pl

from tasks.results.report.marks import EMPLOYEES, Measure
from tasks.results.report.table import SCENARIO, Column, Row, Table
from tasks.runs.calendar import recorded_calendar
from tasks.runs.directory import RunDirectory
from tasks.runs.record import RunRecord
from tasks.studies.attribution.stored import stored
from tasks.studies.attribution.units import short_name
from tasks.studies.compare import choose_baseline
from tasks.studies.figures import BY_NAME
from tasks.text.calendar import year_label
from tasks.text.costs import LOADED
from tasks.text.money import Money

KEY = "attribution"
#: The figures of the table, as the studies name them.
SHOWN = ("headcount", "payroll", "paid", LOADED.name)
#: Those that have a chart.
MEASURES = {"headcount": EMPLOYEES, LOADED.name: Measure(LOADED.title, "money")}
#: The row with the sum of a figure's settings, and the key of the last year's amount.
ALL, LAST = "all settings", "last"


def attribution_table(directory: RunDirectory, record: RunRecord) -> Table:
    """Return what each setting contributes, a row per scenario, figure and setting; no rows if unknown."""
    if len(record.scenario_ids) < 2:
        return Table(KEY, "", "", (SCENARIO,), ())
    money, calendar = Money.of(record), recorded_calendar(record)
    baseline = choose_baseline(record, None)
    found = stored(directory).filter(pl.col("figure").is_in(SHOWN), baseline=baseline)
    found = found.filter(pl.col("scenario").is_in(record.scenario_ids))
    years = found["simulation_year"].unique().sort().to_list()
    columns = [
        Column(f"year_{year}", year_label(calendar, year), "figure", f"Contribution in {year}")
        for year in years
    ]
    has_errors = found["standard_error"].is_not_null().any()
    error = Column("error", "± last year", "figure", "Standard error of the last year's contribution")
    return Table(
        KEY,
        f"What makes scenarios differ from {baseline} (employees, {money.name})",
        "Each setting's share in the difference: its effect on top of the other settings, averaged over all "
        "orders in which they can be changed (Shapley value). The shares add up to the difference.",
        (
            SCENARIO,
            Column("figure", "Figure", "text", "Figure of the year"),
            Column("setting", "Setting", "text", "Key of the setting; several that are valid only together"),
            *columns,
            *([error] if has_errors else []),
        ),
        tuple(_rows(found, years)),
        money,
        short="What makes the difference",
    )


def _rows(found: pl.DataFrame, years: Sequence[int]) -> Iterator[Row]:
    """Yield the rows of each scenario and figure, and one with their sum."""
    for scenario in found["scenario"].unique(maintain_order=True):
        for figure in SHOWN:
            rows = found.filter(scenario=scenario, figure=figure)
            key = {"scenario_id": scenario, "figure": BY_NAME[figure].title, "figure_key": figure}
            for setting in rows["setting"].unique(maintain_order=True):
                of_setting = rows.filter(setting=setting)
                error = of_setting.filter(simulation_year=years[-1])["standard_error"]
                yield {
                    **key,
                    "setting": short_name(setting),
                    **_by_year(of_setting, years),
                    "error": error.item() if error.len() else None,
                }
            if rows.height:
                yield {**key, "setting": ALL, **_by_year(rows, years), "error": None}


def _by_year(rows: pl.DataFrame, years: Sequence[int]) -> dict[str, float | None]:
    """Return the sums of the contributions of each year, null without any, and the last year's."""
    sums = dict(rows.group_by("simulation_year").agg(pl.col("contribution").sum()).iter_rows())
    return {**{f"year_{year}": sums.get(year) for year in years}, LAST: sums.get(years[-1], 0.0)}
