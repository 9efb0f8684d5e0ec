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
),

hires as (
    select * from {{ ref('int_known_hires') }}
),

changes as (
    select * from {{ ref('int_known_changes') }}
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
            planned.action = 'leave' or pay.employee_id is null or planned.action_date < pay.hire_date
            or planned.action_date > pay.termination_date
            or (
                planned.action_date = pay.termination_date
                and pay.termination_reason is distinct from 'reduction_in_force'
            )
            then 'not_employed'
        when planned.action = 'promote' and pay.promotion_date is null then 'no_effect'
        when list_contains(changes.idle_actions, planned.action_id) then 'no_effect'
        else 'done'
    end as outcome
from planned
left join hires
    on
        planned.scenario_id = hires.scenario_id
        and planned.replicate = hires.replicate
        and planned.employee_id = hires.employee_id
left join pay
    on
        planned.scenario_id = pay.scenario_id
        and planned.replicate = pay.replicate
        and planned.employee_id = pay.employee_id
        -- a hire that is drawn has its id by chance
        and (not pay.is_hire or hires.employee_id is not null)
left join leavers
    on
        planned.scenario_id = leavers.scenario_id
        and planned.replicate = leavers.replicate
        and planned.employee_id = leavers.employee_id
left join changes
    on
        planned.scenario_id = changes.scenario_id
        and planned.replicate = changes.replicate
        and planned.employee_id = changes.employee_id
