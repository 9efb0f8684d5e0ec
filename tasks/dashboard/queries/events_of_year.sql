-- The events of a year in one scenario by type and cause, as means over replicates, with the change of annual pay that
-- they make; by the level and the dimensions of view `events`, which are those before the event, or of the hire.
with paths as (
    select cast(count(*) as double) as replicates
    from fct_year_summary
    where scenario_id = $scenario and simulation_year = $year
)

select
    events.event_type,
    events.cause,
    cast(count(*) as double) / any_value(paths.replicates) as events,
    cast(sum(coalesce(events.salary_after, 0) - coalesce(events.salary_before, 0)) as double)
    / any_value(paths.replicates) as pay_change
from events
cross join paths
where events.scenario_id = $scenario and events.simulation_year = $year
group by events.event_type, events.cause
order by events.event_type, events.cause
