-- The exponential race: the opening workforce of a path in the order in which it would leave, by
-- -ln(1 - u) / hazard; a hazard of 0 comes last, ties go by employee_id. In mode `expected` those
-- whose draw is below their hazard come first.
with hazards as (
    select * from {{ ref('int_termination_hazards') }}
)

select
    *,
    row_number() over (
        partition by scenario_id, replicate
        order by
            leaves_by_draw desc,
            case
                when termination_hazard > 0 then -ln(1 - termination_draw) / termination_hazard
                else cast('infinity' as double)
            end asc,
            employee_id asc
    ) as race_rank
from hazards
