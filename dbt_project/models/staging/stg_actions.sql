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
    full_time_salary,
    fte,
    cause,
    probability,
    move_id
from {{ source('inputs', 'actions') }}
