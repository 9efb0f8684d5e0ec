with paths as (
    select
        scenario_id, simulation_year, count(*) as replicates, avg(opening_payroll) as opening,
        avg(ending_payroll) as closing, avg(prorated_payroll) as paid
    from fct_year_summary group by all
),

changes as (
    select
        scenario_id, simulation_year, event_type,
        sum(coalesce(salary_after, 0) - coalesce(salary_before, 0)) as change
    from fct_workforce_events group by all
)

select
    paths.scenario_id, paths.simulation_year, any_value(opening),
    coalesce(sum(change) filter (where event_type = 'cola'), 0)::double / any_value(replicates),
    coalesce(sum(change) filter (where event_type = 'merit'), 0)::double / any_value(replicates),
    coalesce(sum(change) filter (where event_type = 'promotion'), 0)::double / any_value(replicates),
    coalesce(sum(change) filter (where event_type = 'hire'), 0)::double / any_value(replicates),
    coalesce(sum(change) filter (where event_type = 'termination'), 0)::double / any_value(replicates),
    any_value(closing), any_value(paid)
from paths left join changes using (scenario_id, simulation_year)
group by paths.scenario_id, paths.simulation_year order by 1, 2
