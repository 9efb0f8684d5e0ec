-- Means over replicates of the leavers of a year by cause, of the opening workforce also as a share of its headcount.
with paths as (
    select
        scenario_id,
        simulation_year,
        avg(opening_headcount) as opening,
        cast(count(*) as double) as replicates
    from fct_year_summary
    group by scenario_id, simulation_year
),

leavers as (
    select
        scenario_id,
        simulation_year,
        cause,
        count(*) filter (where event_reason = 'experienced') as experienced,
        count(*) filter (where event_reason = 'new_hire') as new_hires,
        count(*) filter (where event_reason = 'reduction_in_force') as reductions
    from fct_workforce_events
    where event_type = 'termination'
    group by scenario_id, simulation_year, cause
)

select
    leavers.scenario_id,
    leavers.simulation_year,
    replace(leavers.cause, '_', ' ') as cause,
    leavers.experienced / paths.replicates as experienced_leavers,
    leavers.new_hires / paths.replicates as new_hire_leavers,
    leavers.reductions / paths.replicates as reductions,
    (leavers.experienced + leavers.new_hires + leavers.reductions) / paths.replicates as leavers,
    experienced_leavers / nullif(paths.opening, 0) as experienced_turnover
from leavers
inner join paths on leavers.scenario_id = paths.scenario_id and leavers.simulation_year = paths.simulation_year
order by leavers.scenario_id, leavers.simulation_year, leavers.cause = 'reduction_in_force', leavers.cause
