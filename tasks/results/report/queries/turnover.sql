-- Opening headcount, sum of hazards and experienced leavers by age and tenure band, over all replicates.
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
    exposed.scenario_id,
    exposed.simulation_year,
    exposed.age_band,
    exposed.tenure_band,
    sum(hazards.hazard) as hazard,
    count(*) as exposed,
    count(experienced.employee_id) as leavers
from exposed
inner join hazards on exposed.profile = hazards.profile and hazards.rate = 'termination'
left join experienced
    on
        exposed.scenario_id = experienced.scenario_id
        and exposed.replicate = experienced.replicate
        and exposed.simulation_year = experienced.simulation_year
        and exposed.employee_id = experienced.employee_id
group by
    exposed.scenario_id,
    exposed.simulation_year,
    exposed.age_band,
    exposed.tenure_band
order by
    exposed.scenario_id,
    exposed.simulation_year,
    exposed.age_band,
    exposed.tenure_band
