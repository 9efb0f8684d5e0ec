-- The segment of each profile by `segment_conditions`, those of the settings, and its pool: the employees who share
-- one quota of terminations. A segment with a termination rate of its own is a pool under its number; all others
-- are pool 0.
with matched as (
    select
        profile_values.hazard_profile,
        segment_conditions.segment,
        segment_conditions.termination_pool
    from profile_values
    inner join segment_conditions
        on
            profile_values.scenario_id = segment_conditions.scenario_id
            and profile_values.simulation_year = segment_conditions.simulation_year
            and profile_values.attribute = segment_conditions.attribute
            and profile_values.value is not distinct from segment_conditions.value
    group by
        profile_values.hazard_profile,
        segment_conditions.segment,
        segment_conditions.termination_pool,
        segment_conditions.conditions
    having count(*) = segment_conditions.conditions
)

select distinct
    profile_values.hazard_profile,
    coalesce(matched.segment, 'others') as segment,
    coalesce(matched.termination_pool, 0) as termination_pool
from profile_values
left join matched on profile_values.hazard_profile = matched.hazard_profile
