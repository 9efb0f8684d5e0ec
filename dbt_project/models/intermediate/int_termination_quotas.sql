-- How many employees of a termination pool leave: R(N rate) in mode `exact`, or what is left of the year's if some
-- have left before the opening date; those drawn in the other modes; and never fewer than the known leavers. Known
-- leavers outside the quota leave besides. Grain: path and pool.
with counts as (
    select
        scenario_id,
        replicate,
        termination_pool,
        count(*) as opening_headcount,
        count(*) filter (where not is_outside_quota) as employees_in_quota,
        count(*) filter (where is_sure_to_leave) as sure_leavers,
        count(*) filter (where is_sure_to_leave and is_outside_quota) as sure_leavers_outside
    from {{ ref('int_termination_hazards') }}
    group by scenario_id, replicate, termination_pool
),

pools as (
    select * from {{ ref('int_termination_pools') }}
)

select
    counts.* exclude (employees_in_quota, sure_leavers_outside), -- noqa: RF02
    case when pools.mode = 'exact' then {{ terminations_due('counts.opening_headcount') }} else 0 end as quota,
    greatest(
        least(quota, counts.employees_in_quota) + counts.sure_leavers_outside, counts.sure_leavers
    ) as experienced_terminations
from counts
inner join pools
    on
        counts.scenario_id = pools.scenario_id
        and counts.replicate = pools.replicate
        and counts.termination_pool = pools.termination_pool
