-- Opening headcount of each pool by termination hazard.
select
    profile_segments.termination_pool,
    hazards.hazard,
    count(*) as employees
from exposed
inner join hazards on exposed.hazard_profile = hazards.hazard_profile and hazards.rate = 'termination'
inner join profile_segments on exposed.hazard_profile = profile_segments.hazard_profile
where exposed.state_moment = 'opening'
group by profile_segments.termination_pool, hazards.hazard
order by profile_segments.termination_pool, hazards.hazard
