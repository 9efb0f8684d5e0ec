-- The profiles of int_month_profiles spread over the months and summed: headcount, FTE, movements, days and salary
-- cost. Grain: path, month, level and combination of dimensions; cost and days follow the day of a promotion or
-- transfer.
with calendar as (
    select
        control.days_in_year,
        cast(months.month_number as integer) as month_number,
        cast(control.fiscal_year_start + to_months(cast(months.month_number - 1 as integer)) as date) as first_date,
        control.days_to_month_ends[months.month_number] as days_before_month,
        control.days_to_month_ends[months.month_number + 1] as days_to_month_end
    from {{ ref('stg_control') }} as control
    cross join range(1, 13) as months (month_number)
),

spread as (
    select
        profiles.*,
        calendar.month_number,
        calendar.first_date,
        calendar.days_in_year,
        profiles.from_month = calendar.month_number as is_first_month,
        coalesce(profiles.out_month = calendar.month_number, false) as is_out_month,
        coalesce(calendar.month_number < profiles.out_month, true) as is_there_at_end,
        -- lists begin at 1, the cumulated pay with the end of the day before the first month
        profiles.cents_to_month[calendar.month_number + 1] - profiles.cents_to_month[calendar.month_number]
            as salary_cents,
        profiles.employees * calendar.days_before_month as days_before_month,
        profiles.employees * calendar.days_to_month_end as days_to_month_end
    from {{ ref('int_month_profiles') }} as profiles
    inner join calendar on calendar.month_number between profiles.from_month and profiles.to_month
),

leaving as (
    select
        *,
        case when is_out_month and termination_reason is not null then employees else 0 end as leavers,
        case when termination_reason = 'experienced' then leavers else 0 end as experienced_terminations,
        case when termination_reason = 'new_hire' then leavers else 0 end as new_hire_terminations,
        case when termination_reason = 'reduction_in_force' then leavers else 0 end as reductions,
        case when to_month = month_number then days_to_end else days_to_month_end end
        - case when is_first_month then days_before else days_before_month end as employee_days
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
    cast(coalesce(sum(employees) filter (where is_there_at_end), 0) as bigint) as headcount,
    coalesce(sum(fte) filter (where is_there_at_end), 0) as fte,
    cast(coalesce(sum(employees) filter (where is_hire and is_first_month), 0) as bigint) as hires,
    cast(sum(leavers) as bigint) as leavers,
    cast(sum(experienced_terminations) as bigint) as experienced_terminations,
    cast(sum(new_hire_terminations) as bigint) as new_hire_terminations,
    cast(sum(reductions) as bigint) as reductions,
    cast(coalesce(sum(employees) filter (where is_transfer_in and is_first_month), 0) as bigint) as transfers_in,
    cast(coalesce(sum(employees) filter (where is_transfer_out and is_out_month), 0) as bigint) as transfers_out,
    cast(sum(employee_days) as bigint) as employee_days,
    cast(sum(salary_cents) as bigint) as salary_cents,
    coalesce(sum(opening_cents) filter (where is_hire and is_first_month), 0) as hired_cents,
    coalesce(sum(closing_cents) filter (where reductions > 0), 0) as reduced_cents
from leaving
group by all
