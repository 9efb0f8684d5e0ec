-- Known transfers, raises and changes of FTE, with the state that each leads to. A transfer to where the employee is
-- already has no effect, and no date. The FTE before a change is null if it is yet to be drawn for a hire. Grain: path
-- and employee.
-- noqa: disable=LT02,LT05,RF02
{%- set slots = range(1, ([known_change_slots(), 1] | max) + 1) %}
with changes as (
    select * from {{ ref('int_known_change_slots') }}
),

moved as (
    select
        changes.*,
        {%- for slot in slots %}
        moves_{{ slot }}.to_combination_id as known_{{ slot }}_combination_id,
        coalesce(
            {%- for earlier in range(slot - 1, 0, -1) %} moves_{{ earlier }}.to_combination_id, {%- endfor %}
            changes.opening_combination_id
        ) = known_{{ slot }}_combination_id as known_{{ slot }}_is_idle{{ ',' if not loop.last }}
        {%- endfor %}
    from changes
    {%- for slot in slots %}
    left join {{ ref('stg_moves') }} as moves_{{ slot }}
        on
            changes.known_{{ slot }}_move_id = moves_{{ slot }}.move_id
            and coalesce(
                {%- for earlier in range(slot - 1, 0, -1) %} moves_{{ earlier }}.to_combination_id, {%- endfor %}
                changes.opening_combination_id
            ) = moves_{{ slot }}.from_combination_id
    {%- endfor %}
)

select
    scenario_id,
    replicate,
    employee_id,
    {%- for slot in slots %}
    {%- set this = 'known_' ~ slot %}
    {{ this }}_type,
    case when {{ this }}_is_idle is not true then {{ this }}_date end as {{ this }}_date,
    {{ this }}_day_order,
    {{ this }}_salary,
    {{ this }}_full_time_salary,
    {{ this }}_fte,
    {{ this }}_combination_id,
    coalesce(
        {%- for earlier in range(slot - 1, 0, -1) %} known_{{ earlier }}_fte, {%- endfor %} opening_fte
    ) as {{ this }}_fte_before,
    {%- endfor %}
    {%- for slot in slots %}
    {{ 'or ' if not loop.first }}coalesce(known_{{ slot }}_type = 'transfer', false)
    {%- endfor %} as has_known_transfer,
    [
        {%- for slot in slots %}
        case when known_{{ slot }}_is_idle then known_{{ slot }}_action_id end{{ ',' if not loop.last }}
        {%- endfor %}
    ] as idle_actions
from moved
