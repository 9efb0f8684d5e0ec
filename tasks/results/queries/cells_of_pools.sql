-- Opening headcount of each pool by termination hazard, and how many of these are known leavers.
with known as (
    select employee_id
    from fct_workforce_events
    where
        scenario_id = $scenario and replicate = $replicate and simulation_year = $year
        and event_type = 'termination' and event_reason = 'experienced' and hazard is null
)

select
    profile_segments.termination_pool,
    hazards.hazard,
    count(*) as employees,
    count(known.employee_id) as known_leavers
from exposed
inner join hazards on exposed.hazard_profile = hazards.hazard_profile and hazards.rate = 'termination'
inner join profile_segments on exposed.hazard_profile = profile_segments.hazard_profile
left join known on exposed.employee_id = known.employee_id
where exposed.state_moment = 'opening'
group by profile_segments.termination_pool, hazards.hazard
order by profile_segments.termination_pool, hazards.hazard
