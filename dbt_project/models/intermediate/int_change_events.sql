-- The year's changes as events, with the state before and after each. Grain: path, employee and place in the year.
-- Not materialised: each place reads only the columns and rows it needs, which takes half the time.
with pay as not materialized (
    select * from {{ ref('int_year_pay') }}
)

{% for step in range(1, change_slots() + 1) %}
select
    scenario_id,
    replicate,
    simulation_year,
    employee_id,
    change_{{ step }} as event_type,
    date_{{ step }} as event_date,
    {{ step }} + cast(is_hire as integer) - cast(coalesce(idle_step < {{ step }}, false) as integer) as event_sequence,
    {%- for state in ['salary', 'level', 'fte', 'combination_id'] %}
    {{ state }}_{{ step - 1 }} as {{ state }}_before,
    {{ state }}_{{ step }} as {{ state }}_after,
    {%- endfor %}
    case change_{{ step }} when 'promotion' then promotion_hazard when 'transfer' then transfer_hazard end as hazard,
    case change_{{ step }} when 'promotion' then promotion_draw when 'transfer' then transfer_draw end as draw,
    {{ nth_of_type(step) }} as nth_of_type
from pay
where change_{{ step }} is not null
{{ 'union all by name' if not loop.last }}
{% endfor %}
