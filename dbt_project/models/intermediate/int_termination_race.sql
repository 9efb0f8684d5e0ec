-- The exponential race: the opening workforce of a path and termination pool in the order in which it would leave, by
-- -ln(1 - u) / hazard; a hazard of 0 comes last, ties go by employee_id. Those who are sure to leave (known leavers,
-- and those drawn in the modes that draw) come first.
with hazards as (
    select * from {{ ref('int_termination_hazards') }}
)

select
    *,
    case
        when termination_hazard > 0 then -ln(1 - termination_draw) / termination_hazard
        else cast('infinity' as double)
    end as race_time,
    row_number() over (
        partition by scenario_id, replicate, termination_pool
        order by is_sure_to_leave desc, race_time asc, employee_id asc
    ) as race_rank
from hazards
