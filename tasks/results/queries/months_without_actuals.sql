-- The months of every path where there are no actual ones; see tasks/results/actuals.py.
create or replace temp view months_by_basis as
select
    *,
    cast(null as varchar) as basis
from fct_month_summary
