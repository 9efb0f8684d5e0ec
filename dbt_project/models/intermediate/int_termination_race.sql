-- The exponential race: the order in which the opening workforce of a path and termination pool would leave, by
-- -ln(1 - u) / hazard; a hazard of 0 comes last, ties go by employee_id. Those who are sure to leave (known leavers,
-- and those drawn in the modes that draw) come first, who is outside the quota last. Narrow, since sorting wide rows
-- takes longer.
with hazards as (
    select * from {{ ref('int_termination_hazards') }}
)

select
    scenario_id,
    replicate,
    termination_pool,
    employee_id,
    draw_key,
    known_leave_date,
    row_number() over (
        partition by scenario_id, replicate, termination_pool
        order by
            is_sure_to_leave desc,
            is_outside_quota asc,
            {{ race_time('termination_draw', 'termination_hazard') }} asc,
            employee_id asc
    ) as race_rank
from hazards
