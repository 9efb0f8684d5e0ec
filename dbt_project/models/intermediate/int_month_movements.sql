-- The profiles of int_month_profiles spread over the months and summed: headcount, movements, days and salary
-- cost. Grain: path, month, level and combination of dimensions; the level is the one at the end of the
-- month, or on the last day employed.
with calendar as (
    select
        control.days_in_year,
        cast(months.month_number as integer) as month_number,
        make_date(control.simulation_year, months.month_number, 1) as first_date,
        first_date - control.year_start as days_before,
        last_day(first_date) - control.year_start + 1 as days_to_end
    from {{ ref('stg_control') }} as control
    cross join range(1, 13) as months (month_number)
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
        case when is_last_month then profiles.last_days else profiles.employees * calendar.days_to_end end
        - case when is_hire_month then profiles.days_before_hire else profiles.employees * calendar.days_before end
            as employee_days
    from {{ ref('int_month_profiles') }} as profiles
    inner join calendar
        on calendar.month_number between coalesce(profiles.hire_month, 1) and coalesce(profiles.termination_month, 12)
),

leaving as (
    select
        *,
        case when is_last_month then employees else 0 end as leavers,
        case when termination_reason = 'experienced' then leavers else 0 end as experienced_terminations,
        case when termination_reason = 'new_hire' then leavers else 0 end as new_hire_terminations,
        case when termination_reason = 'reduction_in_force' then leavers else 0 end as reductions
    from spread
)

select
    scenario_id,
    replicate,
    simulation_year,
    first_date as month,
    level,
    combination_id,
    any_value(days_in_year) as days_in_year,
    cast(sum(employees - leavers) as bigint) as headcount,
    cast(coalesce(sum(employees) filter (where is_hire_month), 0) as bigint) as hires,
    cast(sum(leavers) as bigint) as leavers,
    cast(sum(experienced_terminations) as bigint) as experienced_terminations,
    cast(sum(new_hire_terminations) as bigint) as new_hire_terminations,
    cast(sum(reductions) as bigint) as reductions,
    cast(sum(employee_days) as bigint) as employee_days,
    cast(sum(salary_cents) as bigint) as salary_cents,
    coalesce(sum(opening_cents) filter (where is_hire_month), 0) as hired_cents,
    coalesce(sum(closing_cents) filter (where reductions > 0), 0) as reduced_cents
from leaving
group by all
