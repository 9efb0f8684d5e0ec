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
    {{ change_at('type', step) }} as event_type,
    {{ change_at('date', step) }} as event_date,
    {{ step }} + cast(is_hire as integer) - cast(coalesce(idle_step < {{ step }}, false) as integer) as event_sequence,
    salary_{{ step - 1 }} as salary_before,
    salary_{{ step }} as salary_after,
    {%- for state in ['level', 'fte', 'combination_id'] %}
    {{ state_after(state, step - 1) }} as {{ state }}_before,
    {{ state_after(state, step) }} as {{ state }}_after,
    {%- endfor %}
    case
        when promotion_rank = {{ step }} then promotion_hazard
        {%- if uses('transfer') %}
        when transfer_rank = {{ step }} then transfer_hazard
        {%- endif %}
    end as hazard,
    case
        when promotion_rank = {{ step }} then promotion_draw
        {%- if uses('transfer') %}
        when transfer_rank = {{ step }} then transfer_draw
        {%- endif %}
    end as draw,
    {{ nth_of_type(step) }} as nth_of_type
from pay
where change_count >= {{ step }} and idle_step is distinct from {{ step }}
{{ 'union all by name' if not loop.last }}
{% endfor %}
