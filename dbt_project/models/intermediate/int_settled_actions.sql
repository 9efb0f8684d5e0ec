-- Known actions of a year with what became of them. Grain: path, year and action.
{{ config(materialized='year_append', tags=['year']) }}

with planned as (
    select * from {{ ref('int_planned_actions') }}
),

-- those whom actions name: the join below would otherwise hash everybody
pay as (
    select pay.*
    from {{ ref('int_year_pay') }} as pay
    semi join planned using (scenario_id, replicate, employee_id) -- noqa: ST07
),

hires as (
    select
        scenario_id,
        replicate,
        hire_id as employee_id
    from {{ ref('int_people_hired') }}
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
            planned.action = 'leave' or pay.hire_date is null
            -- a hire that is drawn has its id by chance
            or (pay.is_hire and hires.scenario_id is null)
            or {{ is_settled('planned.action_date', 'pay') }} is not true
            then 'not_employed'
        when planned.action = 'promote' and pay.promotion_date is null then 'no_effect'
        when list_contains(changes.idle_actions, planned.action_id) then 'no_effect'
        else 'done'
    end as outcome
from planned
left join hires using (scenario_id, replicate, employee_id) -- noqa: ST07
left join pay using (scenario_id, replicate, employee_id) -- noqa: ST07
left join {{ ref('int_known_leavers') }} as leavers using (scenario_id, replicate, employee_id) -- noqa: ST07
left join {{ ref('int_known_changes') }} as changes using (scenario_id, replicate, employee_id) -- noqa: ST07
