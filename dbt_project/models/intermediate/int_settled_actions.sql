-- Known actions of a year with what became of them. Grain: path, year and action.
{{ config(materialized='year_append', tags=['year']) }}

with planned as (
    select * from {{ ref('int_planned_actions') }}
),

pay as (
    select * from {{ ref('int_year_pay') }}
),

leavers as (
    select * from {{ ref('int_known_leavers') }}
)

select
    planned.scenario_id,
    planned.replicate,
    planned.simulation_year,
    planned.action_id,
    planned.action,
    case
        when planned.action = 'hire' and planned.people = 1
            then {{ known_hire_id('planned', 1) }}
        else planned.employee_id
    end as employee_id,
    planned.action_date,
    case
        when not planned.is_drawn then 'not_drawn'
        when planned.action = 'hire' then 'done'
        -- of two leaves on one day the first by id counts
        when
            planned.action = 'leave'
            and pay.termination_date = planned.action_date
            and leavers.action_id = planned.action_id
            then 'done'
        when
            planned.action <> 'leave' and pay.employee_id is not null
            and (pay.termination_date is null or planned.action_date < pay.termination_date)
            then 'done'
        else 'not_employed'
    end as outcome
from planned
left join pay
    on
        planned.scenario_id = pay.scenario_id
        and planned.replicate = pay.replicate
        and planned.employee_id = pay.employee_id
        and not pay.is_hire
left join leavers
    on
        planned.scenario_id = leavers.scenario_id
        and planned.replicate = leavers.replicate
        and planned.employee_id = leavers.employee_id
