-- Known promotions of the year: at most one per employee (tasks/plan refuses more). Grain: path and employee.
with actions as (
    select * from {{ ref('int_planned_actions') }}
)

select
    scenario_id,
    replicate,
    employee_id,
    action_date,
    level,
    salary,
    full_time_salary
from actions
where action = 'promote' and is_drawn
