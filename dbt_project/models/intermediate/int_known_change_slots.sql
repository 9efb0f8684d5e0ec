-- Known transfers, raises and changes of FTE of the opening workforce and of known hires: one row per employee, with
-- numbered columns by date for each change (`known_1_…` first). Grain: path and employee.
-- noqa: disable=LT02,LT05,RF02
{%- set slots = range(1, ([known_change_slots(), 1] | max) + 1) %}
with actions as (
    select
        *,
        case action
            {%- for type in ['transfer', 'fte', 'raise'] %}
            when '{{ type }}' then {{ day_orders()[type] }}
            {%- endfor %}
        end as day_order
    from {{ ref('int_planned_actions') }}
    where is_drawn and action in ('transfer', 'fte', 'raise')
),

people as (
    select * from {{ ref('int_opening_workforce') }}
    {%- if uses('known_hire') %}
    union all by name
    select * from {{ ref('int_known_hires') }}
    {%- endif %}
),

numbered as (
    select
        actions.*,
        people.fte as opening_fte,
        people.combination_id as opening_combination_id,
        row_number() over (
            partition by actions.scenario_id, actions.replicate, actions.employee_id
            order by actions.action_date, actions.day_order, actions.action_id
        ) as known_number
    from actions
    inner join people
        on
            actions.scenario_id = people.scenario_id
            and actions.replicate = people.replicate
            and actions.employee_id = people.employee_id
            and actions.action_date >= people.hire_date
)

select
    scenario_id,
    replicate,
    employee_id,
    opening_fte,
    opening_combination_id
    {%- for slot in slots %},
    {%- set this = '(where known_number = ' ~ slot ~ ')' %}
    any_value(action_id) filter {{ this }} as known_{{ slot }}_action_id,
    any_value(action) filter {{ this }} as known_{{ slot }}_type,
    any_value(action_date) filter {{ this }} as known_{{ slot }}_date,
    any_value(day_order) filter {{ this }} as known_{{ slot }}_day_order,
    any_value(salary) filter {{ this }} as known_{{ slot }}_salary,
    any_value(full_time_salary) filter {{ this }} as known_{{ slot }}_full_time_salary,
    any_value(fte) filter {{ this }} as known_{{ slot }}_fte,
    any_value(move_id) filter {{ this }} as known_{{ slot }}_move_id
    {%- endfor %}
from numbered
group by scenario_id, replicate, employee_id, opening_fte, opening_combination_id
