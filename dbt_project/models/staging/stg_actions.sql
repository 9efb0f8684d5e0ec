-- Known actions of all years.
select
    scenario_id,
    action_id,
    action,
    action_date,
    employee_id,
    people,
    level,
    salary,
    fte,
    cause,
    probability,
    move_id
from {{ source('inputs', 'actions') }}
