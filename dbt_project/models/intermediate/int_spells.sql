-- Spells: the time that an employee spends in the year at one level, FTE and combination of dimensions, from the day
-- on which it begins (the first simulated day is 1) to the day before the next, or the last day employed. Pay is
-- that of the whole year, as what is paid more from each change on. Grain: path, employee and spell.
-- noqa: disable=LT02,LT05
{%- set steps = range(1, change_slots() + 1) %}
{%- set states = ['level', 'fte', 'combination_id'] %}
with pay as not materialized (
    select
        *,
        cast(case when is_hire then hire_date - year_start + 1 else 1 end as integer) as day_0,
        cast(coalesce(termination_date, year_end) - year_start + 1 as integer) as last_day,
        cast(null as integer) as next_day_{{ change_slots() }},
        {%- for step in steps %}
        cast({{ change_at('date', step) }} - year_start + 1 as integer) as day_{{ step }},
        {%- for state in states %}
        {{ state_after(state, step) }} as {{ state }}_{{ step }},
        {%- endfor %}
        change_count >= {{ step }} and (
            {%- for state in states %}
            {{ state }}_{{ step }} <> {{ state ~ '_' ~ (step - 1) if step > 1 else 'opening_' ~ state }}{{ ' or' if not loop.last }}
            {%- endfor %}
        ) as begins_spell_{{ step }},
        {%- endfor %}
        {%- for step in steps | reverse %}
        case when begins_spell_{{ step }} then day_{{ step }} else next_day_{{ step }} end as next_day_{{ step - 1 }},
        {%- endfor %}
        {{ cents('salary_0') }} as cents_0,
        day_0 - 1 as unpaid_days_0,
        {%- for step in steps %}
        coalesce({{ cents('(salary_' ~ step ~ ' - salary_' ~ (step - 1) ~ ')') }}, 0) as cents_{{ step }},
        coalesce(day_{{ step }} - 1, 0) as unpaid_days_{{ step }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_year_pay') }}
)

{% for step in range(change_slots() + 1) %}
select
    scenario_id,
    replicate,
    simulation_year,
    year_start,
    days_in_year,
    {%- for state in states %}
    {{ state ~ '_' ~ step if step else 'opening_' ~ state }} as {{ state }},
    {%- endfor %}
    day_{{ step }} as from_day,
    coalesce(next_day_{{ step }} - 1, last_day) as to_day,
    coalesce(next_day_{{ step }}, case when termination_reason is not null then last_day end) as out_day,
    {{ 'is_hire' if step == 0 else 'false' }} as is_hire,
    case when next_day_{{ step }} is null then termination_reason end as termination_reason,
    {{ 'false' if step == 0 else 'combination_id_' ~ step ~ ' <> ' ~ ('combination_id_' ~ (step - 1) if step > 1 else 'opening_combination_id') }} as is_transfer_in,
    -- the next spell may begin after further changes of pay
    case
        when next_day_{{ step }} is null then false
        {%- for later in steps if later > step %}
        when begins_spell_{{ later }} then combination_id_{{ later }} <> {{ 'combination_id_' ~ step if step else 'opening_combination_id' }}
        {%- endfor %}
    end as is_transfer_out,
    {%- for pay_step in range(change_slots() + 1) %}
    cents_{{ pay_step }},
    unpaid_days_{{ pay_step }},
    {%- endfor %}
    {{ cents('closing_salary') }} as closing_cents
from pay
{%- if step > 0 %}
where begins_spell_{{ step }}
{%- endif %}
{{ 'union all' if not loop.last }}
{% endfor %}
