-- Employees whose last day is known: by an action, or because they reach the mandatory age of a cause of termination.
-- The earliest date counts, of a known hire from the day of hire on. Grain: path and employee.
with actions as (
    select * from {{ ref('int_planned_actions') }}
),

opening as (
    select * from {{ ref('int_opening_workforce') }}
),

causes as (
    select * from {{ ref('stg_causes') }}
),

control as (
    select * from {{ ref('stg_control') }}
),

leaves as (
    select
        actions.scenario_id,
        actions.replicate,
        actions.employee_id,
        actions.action_id,
        actions.action_date as leave_date,
        actions.cause,
        0 as tie_order
    from actions
    left join {{ ref('int_people_hired') }} as hired
        on
            actions.scenario_id = hired.scenario_id
            and actions.replicate = hired.replicate
            and actions.employee_id = hired.hire_id
    where
        actions.action = 'leave' and actions.is_drawn
        and (hired.action_date is null or actions.action_date >= hired.action_date)
    union all
    select
        opening.scenario_id,
        opening.replicate,
        opening.employee_id,
        null as action_id,
        last_day(greatest(
            control.year_start,
            make_date(year(opening.birth_date) + causes.mandatory_age, month(opening.birth_date), 1)
        )) as leave_date,
        causes.cause,
        causes.cause_number as tie_order
    from opening
    inner join causes on opening.scenario_id = causes.scenario_id and causes.mandatory_age is not null
    cross join control
    -- in a fiscal year that ends within a month, the last day of that month is in the next year
    where leave_date <= control.year_end
),

-- the values in a struct, since arg_min passes over nulls
earliest as (
    select
        scenario_id,
        replicate,
        employee_id,
        arg_min(
            { 'leave_date': leave_date, 'cause': cause, 'action_id': action_id },
            { 'leave_date': leave_date, 'tie_order': tie_order, 'action_id': action_id }
        ) as first_leave
    from leaves
    group by scenario_id, replicate, employee_id
)

select
    earliest.scenario_id,
    earliest.replicate,
    earliest.employee_id,
    first_leave.leave_date,
    first_leave.cause,
    first_leave.action_id
from earliest
