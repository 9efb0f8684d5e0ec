-- Opening headcount, hazard (termination_hazards) and leavers by age and tenure band, over all replicates.
with experienced as (
    select
        scenario_id,
        replicate,
        simulation_year,
        employee_id
    from fct_workforce_events
    where event_type = 'termination' and event_reason = 'experienced'
)

select
    snapshot.scenario_id,
    snapshot.simulation_year,
    snapshot.age_band,
    snapshot.tenure_band,
    hazards.hazard,
    count(*) as exposed,
    count(experienced.employee_id) as leavers
from fct_workforce_snapshot as snapshot
left join termination_hazards as hazards
    on
        snapshot.scenario_id = hazards.scenario_id
        and snapshot.simulation_year = hazards.simulation_year
        and snapshot.age_band = hazards.age_band
        and snapshot.tenure_band = hazards.tenure_band
left join experienced
    on
        snapshot.scenario_id = experienced.scenario_id
        and snapshot.replicate = experienced.replicate
        and snapshot.simulation_year = experienced.simulation_year
        and snapshot.employee_id = experienced.employee_id
where year(snapshot.hire_date) < snapshot.simulation_year
group by
    snapshot.scenario_id,
    snapshot.simulation_year,
    snapshot.age_band,
    snapshot.tenure_band,
    hazards.hazard
order by
    snapshot.scenario_id,
    snapshot.simulation_year,
    snapshot.age_band,
    snapshot.tenure_band
