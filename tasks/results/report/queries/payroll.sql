-- Means over replicates of opening and closing payroll and the changes by events between them.
with paths as (
    select
        scenario_id,
        simulation_year,
        count(*) as replicates,
        avg(opening_payroll) as opening,
        avg(ending_payroll) as closing,
        avg(prorated_payroll) as paid
    from fct_year_summary
    group by scenario_id, simulation_year
),

changes as (
    select
        scenario_id,
        simulation_year,
        event_type,
        sum(coalesce(salary_after, 0) - coalesce(salary_before, 0)) as change
    from fct_workforce_events
    group by scenario_id, simulation_year, event_type
),

by_type as (
    select
        scenario_id,
        simulation_year,
        sum(change) filter (where event_type = 'cola') as cola,
        sum(change) filter (where event_type = 'merit') as merit,
        sum(change) filter (where event_type = 'promotion') as promotion,
        sum(change) filter (where event_type = 'hire') as hiring,
        sum(change) filter (where event_type = 'termination') as leaving
    from changes
    group by scenario_id, simulation_year
)

select
    paths.scenario_id,
    paths.simulation_year,
    paths.opening,
    cast(coalesce(by_type.cola, 0) as double) / paths.replicates as cola,
    cast(coalesce(by_type.merit, 0) as double) / paths.replicates as merit,
    cast(coalesce(by_type.promotion, 0) as double) / paths.replicates as promotion,
    cast(coalesce(by_type.hiring, 0) as double) / paths.replicates as hiring,
    cast(coalesce(by_type.leaving, 0) as double) / paths.replicates as leaving,
    paths.closing,
    paths.paid
from paths
left join by_type on paths.scenario_id = by_type.scenario_id and paths.simulation_year = by_type.simulation_year
order by paths.scenario_id, paths.simulation_year
