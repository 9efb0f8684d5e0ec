-- Headcount, movements and cost by month. Grain: path, month, level and combination of dimensions; the
-- level is the one at the end of the month, or on the last day employed.
-- Employees who enter, rise and leave in the same months form a profile, whose costs cumulated to the
-- end of each month are summed in one pass; only the few profiles are then spread over the months.
{{ config(materialized='year_append', tags=['year']) }}

{% set months = range(1, 13) %}

with pay as (
    select * from {{ ref('int_year_pay') }}
),

rates as (
    select * from {{ ref('stg_cost_rates') }}
),

control as (
    select * from {{ ref('stg_control') }}
),

calendar as (
    select
        cast(months.month_number as integer) as month_number,
        make_date(control.simulation_year, months.month_number, 1) as first_date,
        control.days_in_year,
        make_date(control.simulation_year, months.month_number, 1) - control.year_start as days_before,
        last_day(make_date(control.simulation_year, months.month_number, 1)) - control.year_start + 1 as days_to_end
    from control
    cross join range(1, 13) as months (month_number)
),

-- Days are numbered from 1 January. A salary is paid from the day after its eve, and so is what a raise adds
-- to it (nothing, where there is no raise): amount x (days - eve), as soon as there are more days than the eve.
numbered as (
    select
        scenario_id,
        replicate,
        simulation_year,
        combination_id,
        opening_level,
        closing_level,
        termination_reason,
        days_in_year,
        days_in_year - 365 as leap_days,
        case when is_hire then month(hire_date) end as hire_month,
        case when has_promotion then month(promotion_date) end as promotion_month,
        month(termination_date) as termination_month,
        coalesce(termination_date - year_start + 1, days_in_year) as last_day,
        case when is_hire then hire_date - year_start else 0 end as opening_eve,
        {{ cents('opening_salary') }} as opening_cents,
        {%- for raise in ['cola', 'promotion', 'merit'] %}
        case when has_{{ raise }} then {{ raise }}_date - year_start else 0 end as {{ raise }}_eve,
        case
            when has_{{ raise }} then {{ cents('(salary_after_' ~ raise ~ ' - salary_before_' ~ raise ~ ')') }}
            else 0
        end as {{ raise }}_cents,
        {%- endfor %}
        opening_cents * opening_eve + cola_cents * cola_eve
        + promotion_cents * promotion_eve + merit_cents * merit_eve as eve_cents,
        {{ cents('salary') }} as closing_cents
    from pay
),

cumulated as (
    select
        {%- for days in [31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365] %}
        {%- set to_day = 'least(last_day, ' ~ days ~ (' + leap_days' if not loop.first) ~ ')' %}
        {{ prorate(
            'opening_cents * greatest(' ~ to_day ~ ', opening_eve)'
            ~ ' + cola_cents * greatest(' ~ to_day ~ ', cola_eve)'
            ~ ' + promotion_cents * greatest(' ~ to_day ~ ', promotion_eve)'
            ~ ' + merit_cents * greatest(' ~ to_day ~ ', merit_eve) - eve_cents',
            'days_in_year'
        ) }} as cents_to_{{ loop.index }},
        {%- endfor %}
        numbered.*
    from numbered
),

profiles as (
    select
        scenario_id,
        replicate,
        simulation_year,
        combination_id,
        opening_level,
        closing_level,
        hire_month,
        promotion_month,
        termination_month,
        termination_reason,
        count(*) as employees,
        cast(sum(opening_eve) as bigint) as opening_eves,
        cast(sum(last_day) as bigint) as last_days,
        cast(sum(opening_cents) as bigint) as opening_cents,
        cast(sum(closing_cents) as bigint) as closing_cents,
        cast([
            {%- for month in months %}
            sum(cents_to_{{ month }}){{ ',' if not loop.last }}
            {%- endfor %}
        ] as bigint[]) as cents_to_month
    from cumulated
    group by
        scenario_id,
        replicate,
        simulation_year,
        combination_id,
        opening_level,
        closing_level,
        hire_month,
        promotion_month,
        termination_month,
        termination_reason
),

spread as (
    select
        profiles.*,
        calendar.first_date,
        calendar.days_in_year,
        case
            when profiles.promotion_month <= calendar.month_number then profiles.closing_level
            else profiles.opening_level
        end as level,
        coalesce(profiles.hire_month = calendar.month_number, false) as is_hire_month,
        coalesce(profiles.termination_month = calendar.month_number, false) as is_last_month,
        profiles.cents_to_month[calendar.month_number]
        - coalesce(profiles.cents_to_month[calendar.month_number - 1], 0) as salary_cents,
        case
            when profiles.termination_month = calendar.month_number then profiles.last_days
            else profiles.employees * calendar.days_to_end
        end
        - case
            when profiles.hire_month = calendar.month_number then profiles.opening_eves
            else profiles.employees * calendar.days_before
        end as employee_days
    from profiles
    inner join calendar
        on calendar.month_number between coalesce(profiles.hire_month, 1) and coalesce(profiles.termination_month, 12)
),

summed as (
    select
        scenario_id,
        replicate,
        simulation_year,
        first_date as month,
        level,
        combination_id,
        any_value(days_in_year) as days_in_year,
        cast(coalesce(sum(employees) filter (where not is_last_month), 0) as bigint) as headcount,
        cast(coalesce(sum(employees) filter (where is_hire_month), 0) as bigint) as hires,
        cast(coalesce(sum(employees) filter (where is_last_month), 0) as bigint) as leavers,
        {%- for reason, name in [
            ('experienced', 'experienced_terminations'),
            ('new_hire', 'new_hire_terminations'),
            ('reduction_in_force', 'reductions'),
        ] %}
        cast(coalesce(sum(employees) filter (where is_last_month and termination_reason = '{{ reason }}'), 0) as bigint)
            as {{ name }},
        {%- endfor %}
        cast(sum(employee_days) as bigint) as employee_days,
        cast(sum(salary_cents) as bigint) as salary_cents,
        coalesce(sum(opening_cents) filter (where is_hire_month), 0) as hired_cents,
        coalesce(sum(closing_cents) filter (where is_last_month and termination_reason = 'reduction_in_force'), 0)
            as reduced_cents
    from spread
    group by scenario_id, replicate, simulation_year, first_date, level, combination_id
),

with_bonus as (
    select
        summed.*,
        rates.* exclude (scenario_id, level), -- noqa: RF02
        {{ cost_cents('summed.salary_cents', 'rates.bonus_rate') }} as bonus_cents
    from summed
    inner join rates on summed.scenario_id = rates.scenario_id and summed.level = rates.level
),

loaded as (
    select
        *,
        {{ cost_cents('salary_cents', 'benefits_rate', 'employee_days', 'benefits_amount', 'days_in_year') }}
            as benefits_cents,
        {{ cost_cents(
            '(salary_cents + bonus_cents)', 'payroll_tax_rate', 'employee_days', 'payroll_tax_amount', 'days_in_year'
        ) }} as payroll_tax_cents,
        {{ cost_cents('hired_cents', 'recruiting_rate', 'hires', 'recruiting_amount') }} as recruiting_cents,
        {{ cost_cents('reduced_cents', 'severance_rate', 'reductions', 'severance_amount') }} as severance_cents
    from with_bonus
)

select
    scenario_id,
    replicate,
    simulation_year,
    month,
    level,
    combination_id,
    headcount,
    hires,
    leavers,
    experienced_terminations,
    new_hire_terminations,
    reductions,
    employee_days,
    {%- set parts = ['salary', 'bonus', 'benefits', 'payroll_tax', 'recruiting', 'severance'] %}
    {%- for part in parts %}
    cast({{ part }}_cents / 100.0 as decimal(18, 2)) as {{ part }}_cost,
    {%- endfor %}
    cast(
        (
            {%- for part in parts %}
            {{ part }}_cents{{ ' +' if not loop.last }}
            {%- endfor %}
        ) / 100.0 as decimal(18, 2)
    ) as loaded_cost
from loaded
