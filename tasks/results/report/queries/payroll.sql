-- Means over replicates of opening and closing payroll and the changes by events between them, as a map of event types.
with paths as (
    select
        scenario_id,
        simulation_year,
        count(*) as replicates,
        avg(opening_payroll) as opening,
        avg(ending_payroll) as closing,
        avg(prorated_payroll) as paid,
        avg(adjustments) as adjusted
    from fct_year_summary
    group by scenario_id, simulation_year
),

changes as (
    select
        scenario_id,
        simulation_year,
        event_type,
        cast(sum(coalesce(salary_after, 0) - coalesce(salary_before, 0)) as double) as change
    from fct_workforce_events
    group by scenario_id, simulation_year, event_type
),

mean_changes as (
    select
        changes.* exclude (change),
        changes.change / paths.replicates as change
    from changes
    inner join paths on changes.scenario_id = paths.scenario_id and changes.simulation_year = paths.simulation_year
),

by_type as (
    select
        scenario_id,
        simulation_year,
        map_from_entries(list((event_type, change))) as changes
    from mean_changes
    group by scenario_id, simulation_year
)

select
    paths.scenario_id,
    paths.simulation_year,
    paths.opening,
    paths.closing,
    paths.paid,
    paths.adjusted,
    coalesce(by_type.changes, map {}) as changes -- noqa: RF02,LT01
from paths
left join by_type on paths.scenario_id = by_type.scenario_id and paths.simulation_year = by_type.simulation_year
order by paths.scenario_id, paths.simulation_year
