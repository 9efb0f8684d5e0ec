-- The months of every path, forecast and actual; see tasks/results/actuals.py.
create or replace temp view months_by_basis as
with paths as (
    select distinct
        scenario_id,
        replicate
    from fct_year_summary
)

select
    *,
    'forecast' as basis
from fct_month_summary
union all by name
select
    actual.*,
    paths.replicate,
    'actual' as basis
from fct_actual_months as actual
inner join paths on actual.scenario_id = paths.scenario_id
