"""Page Pay: average pay and compa-ratio by level and year."""

from dataclasses import replace

import streamlit as st

from tasks.dashboard.cells import LEVEL, Items, figures_by, pay_ranges
from tasks.dashboard.choice import breakdown_of
from tasks.dashboard.data import Part
from tasks.dashboard.key_figures import AVERAGE_PAY, COMPA_RATIO, HEADCOUNT
from tasks.dashboard.parts import show_table, without_pay_of_few
from tasks.dashboard.runs import SeenRun
from tasks.dashboard.views.figures import names_of, show_each_by_item
from tasks.results.report.table import Column
from tasks.runs.calendar import recorded_calendar
from tasks.text.calendar import year_label

_MIDPOINT = Column("midpoint", "Middle of the range", "money", "Middle of the level's pay range in that year")
_COMPA = (
    "Compa-ratio: full-time pay / middle of the pay range of the level in that year, the mean over those "
    "employed when the year ends. 100% is pay in the middle of the range."
)


def show_pay(run: SeenRun, part: Part) -> None:
    """Show average pay and compa-ratio over the years, by level or as chosen, then both in a table."""
    show_each_by_item(run, part, (AVERAGE_PAY, COMPA_RATIO), breakdown_of(run) or LEVEL)
    st.subheader("Pay by level", anchor="levels")
    st.caption(_COMPA)
    table = without_pay_of_few(figures_by(run, part, Items(LEVEL)))
    names = names_of(run.record, LEVEL)
    calendar = recorded_calendar(run.record)
    midpoints = {
        (row["scenario_id"], str(year_label(calendar, row["simulation_year"])), str(row["level"])): row[
            "midpoint"
        ]
        for row in pay_ranges(run.record).iter_rows(named=True)
    }
    rows = tuple(
        {
            **row,
            "item": names.get(row["item"], row["item"]),
            "midpoint": midpoints.get((row["scenario_id"], str(row["simulation_year"]), row["item"])),
        }
        for row in table.rows
    )
    columns = [column for column in table.columns if column.key in ("scenario_id", "simulation_year", "item")]
    columns += [HEADCOUNT.column, AVERAGE_PAY.column, _MIDPOINT, COMPA_RATIO.column]
    show_table(replace(table, columns=tuple(columns), rows=rows), f"{run.run_id}-pay-by-level", unfolded=True)
