-- The months of the first fiscal year up to the opening date, as past lists show them: headcount, FTE, movements, days
-- and salary cost, like those of int_month_movements. Grain: month, level and combination of dimensions.
with spells as (
    select * from {{ ref('stg_actual_spells') }}
),

months as (
    select
        cast(control.run_fiscal_start + to_months(cast(numbers.nth as integer)) as date) as month,
        month - control.run_fiscal_start + 1 as first_day,
        least(cast(month + interval 1 month as date) - 1, control.opening_date) - control.run_fiscal_start + 1
            as last_day
    from {{ ref('stg_control') }} as control
    cross join range(12) as numbers (nth)
    where month <= control.opening_date
),

spread as (
    select
        spells.*,
        months.month,
        greatest(spells.from_day, months.first_day) as first_day,
        least(spells.to_day, months.last_day) as last_day,
        spells.to_day > months.last_day or (spells.to_day = months.last_day and not spells.is_exit) as is_there_at_end,
        spells.is_hire and spells.from_day >= months.first_day as is_hired,
        spells.is_exit and spells.to_day <= months.last_day as is_leaver,
        not spells.is_hire
        and spells.combination_id <> spells.combination_id_before
        and spells.from_day >= months.first_day as is_transfer,
        {{ cents('spells.salary') }} as cents
    from spells
    inner join months on spells.from_day <= months.last_day and spells.to_day >= months.first_day
),

-- a transfer leaves the combination of before in the month of its date
sides as (
    select
        *,
        is_transfer as is_transfer_in,
        false as is_transfer_out
    from spread
    union all by name
    select
        month,
        level,
        combination_id_before as combination_id,
        days_in_first_year,
        false as is_transfer_in,
        true as is_transfer_out
    from spread
    where is_transfer
)

select
    month,
    level,
    combination_id,
    any_value(days_in_first_year) as days_in_year,
    count(*) filter (where is_there_at_end) as headcount,
    coalesce(sum(fte) filter (where is_there_at_end), 0) as fte,
    count(*) filter (where is_hired) as hires,
    count(*) filter (where is_leaver) as leavers,
    count(*) filter (where is_leaver and was_there_at_start) as experienced_terminations,
    count(*) filter (where is_leaver and not was_there_at_start) as new_hire_terminations,
    cast(0 as bigint) as reductions,
    count(*) filter (where is_transfer_in) as transfers_in,
    count(*) filter (where is_transfer_out) as transfers_out,
    cast(coalesce(sum(last_day - first_day + 1), 0) as bigint) as employee_days,
    cast(coalesce(sum(
        {{ prorate('cents * last_day', 'days_in_first_year') }}
        - {{ prorate('cents * (first_day - 1)', 'days_in_first_year') }}
    ), 0) as bigint) as salary_cents,
    cast(coalesce(sum(cents) filter (where is_hired), 0) as bigint) as hired_cents,
    cast(0 as bigint) as reduced_cents
from sides
group by month, level, combination_id
