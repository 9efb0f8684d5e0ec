-- The segment of each profile by `segments`, the conditions of the settings, and its pool: the employees who share
-- one quota of terminations. A segment with a termination rate of its own is a pool under its number; all others
-- are pool 0.
with matched as (
    select
        profile_values.hazard_profile,
        segments.segment,
        segments.termination_pool
    from profile_values
    inner join segments
        on
            profile_values.scenario_id = segments.scenario_id
            and profile_values.simulation_year = segments.simulation_year
            and profile_values.attribute = segments.attribute
            and profile_values.value is not distinct from segments.value
    group by profile_values.hazard_profile, segments.segment, segments.termination_pool, segments.conditions
    having count(*) = segments.conditions
)

select distinct
    profile_values.hazard_profile,
    coalesce(matched.segment, 'others') as segment,
    coalesce(matched.termination_pool, 0) as termination_pool
from profile_values
left join matched on profile_values.hazard_profile = matched.hazard_profile
