-- The hazards of each profile by rate: of terminations of any cause, promotion and transfer; and the pool of employees who
-- share one quota of terminations, 0 for all whose segment has no rate of its own.
with pools_of_profiles as (
    select
        profile_values.profile,
        pools.termination_pool
    from profile_values
    inner join pools
        on
            profile_values.scenario_id = pools.scenario_id
            and profile_values.simulation_year = pools.simulation_year
            and profile_values.attribute = pools.attribute
            and profile_values.value is not distinct from pools.value
    group by profile_values.profile, pools.termination_pool, pools.conditions
    having count(*) = pools.conditions
),

totals as (
    select
        profile,
        rate,
        case
            when rate = 'termination' and count(*) filter (where hazard > 0) > 1
                then 1.0 - list_product(list(1.0 - hazard order by cause_number))
            else max(hazard)
        end as hazard
    from hazards_by_cause
    group by profile, rate
)

select
    totals.*,
    coalesce(pools_of_profiles.termination_pool, 0) as termination_pool
from totals
left join pools_of_profiles on totals.profile = pools_of_profiles.profile
