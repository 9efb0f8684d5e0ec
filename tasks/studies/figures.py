"""The figures by which scenarios are compared, precision is stated and goals are set.

One row per scenario, replicate, year and item of a breakdown: `total`, `level`, or a dimension's name.
Everything is computed from published tables; counts of an item that a path lacks are 0.
"""

from dataclasses import dataclass

import duckdb

from tasks.text.terms import TOTAL


@dataclass(frozen=True)
class Figure:
    """A figure of a year: its name on the command line, what it is, and the SQL over the columns below."""

    name: str
    title: str
    sql: str
    is_amount: bool = False  # of money


# Over: opening_headcount, headcount, hires, leavers, payroll (annual salaries of those employed at the
# end of the year), and of the total also promotions and paid (what was paid in the year).
FIGURES = (
    Figure("headcount", "Headcount", "headcount"),
    Figure("payroll", "Payroll", "payroll", is_amount=True),
    Figure("hires", "Hires", "hires"),
    Figure("leavers", "Leavers", "leavers"),
    Figure("turnover", TOTAL, "leavers / nullif((opening_headcount + headcount) / 2, 0)"),
    Figure("average_pay", "Average pay", "payroll / nullif(headcount, 0)", is_amount=True),
    Figure("promotions", "Promotions", "promotions"),
    Figure("paid", "Paid", "paid", is_amount=True),
)
BY_NAME = {figure.name: figure for figure in FIGURES}

TOTALS = """
select
    scenario_id,
    replicate,
    simulation_year,
    'total' as breakdown,
    null::varchar as item,
    opening_headcount,
    ending_headcount as headcount,
    hires,
    experienced_terminations + new_hire_terminations + reductions as leavers,
    ending_payroll::double as payroll,
    promotions,
    prorated_payroll::double as paid
from fct_year_summary
"""

ITEMS = """
select
    scenario_id,
    replicate,
    simulation_year,
    'level' as breakdown,
    level::varchar as item,
    opening_headcount,
    ending_headcount as headcount,
    hires,
    terminations as leavers,
    ending_payroll::double as payroll,
    promotions_out as promotions
from fct_level_summary
union all
select
    scenario_id,
    replicate,
    simulation_year,
    dimension as breakdown,
    coalesce(dimension_value, '(none)') as item,
    opening_headcount,
    ending_headcount as headcount,
    hires,
    terminations as leavers,
    ending_payroll::double as payroll,
    promotions
from fct_dimension_summary
"""

WIDE = f"""
with totals as ({TOTALS}),

items as ({ITEMS}),

-- a path of which a department has nobody left lacks the row: it counts 0 there
grid as (
    select totals.scenario_id, totals.replicate, totals.simulation_year, named.breakdown, named.item
    from totals
    cross join (select distinct breakdown, item from items) as named
),

filled as (
    select
        grid.*,
        coalesce(items.opening_headcount, 0) as opening_headcount,
        coalesce(items.headcount, 0) as headcount,
        coalesce(items.hires, 0) as hires,
        coalesce(items.leavers, 0) as leavers,
        coalesce(items.payroll, 0) as payroll,
        coalesce(items.promotions, 0) as promotions,
        null::double as paid
    from grid
    left join items using (scenario_id, replicate, simulation_year, breakdown, item)
)

select * from totals
union all by name
select * from filled
"""  # noqa: S608 - constants of this module


def create_figures(connection: duckdb.DuckDBPyConnection, *, breakdowns: bool = True) -> None:
    """Create view `figures` over the published tables: one row per path, year, item and figure.

    Columns scenario_id, replicate, simulation_year, breakdown, item (null: all), figure, value.
    """
    columns = ", ".join(f"({figure.sql})::double as {figure.name}" for figure in FIGURES)
    key = "scenario_id, replicate, simulation_year, breakdown, item"
    names = ", ".join(figure.name for figure in FIGURES)
    connection.execute(
        f"""
        create or replace temp view figures as
        with wide as ({WIDE if breakdowns else TOTALS}),
        computed as (select {key}, {columns} from wide)
        select * from computed
        unpivot include nulls (value for figure in ({names}))
        """  # noqa: S608 - constants of this module
    )
