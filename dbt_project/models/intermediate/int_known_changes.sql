-- Known transfers, raises and changes of FTE of the opening workforce: one row per employee, with numbered columns by
-- date for each change (`known_1_…` first) and the state that it leads to. Grain: path and employee.
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

opening as (
    select * from {{ ref('int_opening_workforce') }}
),

numbered as (
    select
        *,
        row_number() over (
            partition by scenario_id, replicate, employee_id order by action_date, day_order, action_id
        ) as known_number
    from actions
),

changes as (
    select
        scenario_id,
        replicate,
        employee_id,
        {%- for slot in slots %}
        {%- set this = '(where known_number = ' ~ slot ~ ')' %}
        any_value(action) filter {{ this }} as known_{{ slot }}_type,
        any_value(action_date) filter {{ this }} as known_{{ slot }}_date,
        any_value(day_order) filter {{ this }} as known_{{ slot }}_day_order,
        any_value(salary) filter {{ this }} as known_{{ slot }}_salary,
        any_value(fte) filter {{ this }} as known_{{ slot }}_fte,
        any_value(move_id) filter {{ this }} as known_{{ slot }}_move_id{{ ',' if not loop.last }}
        {%- endfor %}
    from numbered
    group by scenario_id, replicate, employee_id
)

select
    changes.* exclude (known_1_move_id {%- for slot in slots if slot > 1 %}, known_{{ slot }}_move_id{% endfor %}),
    {%- for slot in slots %}
    moves_{{ slot }}.to_combination_id as known_{{ slot }}_combination_id,
    coalesce(
        {%- for earlier in range(slot - 1, 0, -1) %} changes.known_{{ earlier }}_fte, {%- endfor %} opening.fte
    ) as known_{{ slot }}_fte_before,
    {%- endfor %}
    {%- for slot in slots %}
    {{ 'or ' if not loop.first }}coalesce(changes.known_{{ slot }}_type = 'transfer', false)
    {%- endfor %} as has_known_transfer
from changes
inner join opening
    on
        changes.scenario_id = opening.scenario_id
        and changes.replicate = opening.replicate
        and changes.employee_id = opening.employee_id
{%- for slot in slots %}
left join {{ ref('stg_moves') }} as moves_{{ slot }}
    on
        changes.known_{{ slot }}_move_id = moves_{{ slot }}.move_id
        and coalesce(
            {%- for earlier in range(slot - 1, 0, -1) %} moves_{{ earlier }}.to_combination_id, {%- endfor %}
            opening.combination_id
        ) = moves_{{ slot }}.from_combination_id
{%- endfor %}
