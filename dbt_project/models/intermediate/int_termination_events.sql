-- The year's terminations as events, with the state that ends and what decided them: the hazard and draw of the race,
-- or those of the year of hire; none if the leave was known. Grain: path and employee.
with pay as not materialized (
    select * from {{ ref('int_year_pay') }}
),

causes as (
    select * from {{ ref('int_termination_causes') }}
),

-- those of the opening workforce who leave by the risk of their year of hire
plan as (
    select * from {{ ref('int_opening_plan') }}
    where hire_year_hazard is not null
)

select
    pay.scenario_id,
    pay.replicate,
    pay.simulation_year,
    pay.employee_id,
    'termination' as event_type,
    pay.termination_reason as event_reason,
    causes.cause,
    pay.termination_date as event_date,
    1 + cast(pay.is_hire as integer) + pay.change_count - cast(pay.idle_step is not null as integer) as event_sequence,
    pay.closing_level as level_before,
    pay.closing_salary as salary_before,
    pay.closing_fte as fte_before,
    pay.closing_combination_id as combination_id_before,
    case when not causes.is_known then coalesce(plan.hire_year_hazard, pay.termination_hazard) end as hazard,
    case when not causes.is_known then coalesce(plan.hire_year_draw, pay.termination_draw) end as draw
from pay
inner join causes
    on
        pay.scenario_id = causes.scenario_id
        and pay.replicate = causes.replicate
        and pay.employee_id = causes.employee_id
left join plan
    on
        pay.scenario_id = plan.scenario_id
        and pay.replicate = plan.replicate
        and pay.employee_id = plan.employee_id
where pay.termination_reason is not null
