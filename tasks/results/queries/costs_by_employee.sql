-- Salary cost and loaded cost of each employee in the months, from spells_in_scope, the changes of pay in `events`, and
-- cost_rates. Cost follows the day: a spell counts with its own level and dimensions.
with month_starts as (
    select unnest(cast($months as date[])) as month
),

months as (
    select
        month,
        -- a fiscal month begins on the same day of each month
        cast(month + interval 1 month as date) - 1 as month_end
    from month_starts
),

pay as (
    select
        employee_id,
        arg_min(
            case when event_type = 'hire' then salary_after else salary_before end, event_sequence
        ) as opening_salary,
        arg_max(
            case when event_type = 'termination' then salary_before else salary_after end, event_sequence
        ) as closing_salary,
        list({ 'day': event_date, 'cents': cast((salary_after - salary_before) * 100 as bigint) })
        filter (where event_type not in ('hire', 'termination')) as raises,
        bool_or(event_reason = 'reduction_in_force') as is_reduction
    from fct_workforce_events
    where scenario_id = $scenario and replicate = $replicate and simulation_year = $year
    group by employee_id
),

spells as (
    select
        spells.*,
        coalesce(pay.is_reduction and spells.to_date = spells.termination_date, false) as is_reduction,
        coalesce(pay.raises, []) as raises,
        coalesce(pay.opening_salary, spells.salary) as opening_salary,
        coalesce(pay.closing_salary, spells.salary) as closing_salary,
        cast(coalesce(pay.opening_salary, spells.salary) * 100 as bigint) as opening_cents,
        greatest(spells.hire_date, fiscal_years.simulated_from) as first_day
    from spells_in_scope as spells
    inner join fiscal_years on fiscal_years.simulation_year = $year
    left join pay on spells.employee_id = pay.employee_id
    where $level is null or spells.level = $level
),

in_month as (
    select
        spells.*,
        months.month,
        months.month_end,
        greatest(spells.from_date, months.month) as from_day,
        least(spells.to_date, months.month_end) as to_day
    from spells
    inner join months
        on spells.from_date <= months.month_end and greatest(spells.from_date, spells.to_date) >= months.month
),

spread as (
    select
        *,
        -- cents paid from the first day employed in the year to the day before the spell's days in the month, and to
        -- the last of them; each is rounded once, so that spells add up to the year
        list_transform(
            [from_day - 1, greatest(to_day, from_day - 1)],
            lambda day: cast(floor(cast(
                opening_cents * greatest(0, day - first_day + 1)
                + coalesce(list_sum(list_transform(
                    raises,
                    lambda raise: raise['cents'] * greatest(0, day - raise['day'] + 1)
                )), 0) as double
            ) / $days + 0.5) as bigint)
        ) as paid_cents,
        greatest(0, to_day - from_day + 1) as days_employed,
        cast(is_hire and hire_date >= month as integer) as hires,
        cast(is_reduction and termination_date between month and month_end as integer) as reductions
    from in_month
),

paid as (
    select
        *,
        (paid_cents[2] - paid_cents[1]) / 100.0 as salary_cost,
        $days as days_in_year
    from spread
),

loaded as (
    select
        paid.*,
        paid.salary_cost * (
            1 + rates.bonus_rate + rates.benefits_rate + (1 + rates.bonus_rate) * rates.payroll_tax_rate
        )
        + (rates.benefits_amount + rates.payroll_tax_amount) * paid.days_employed / paid.days_in_year
        + paid.hires * (rates.recruiting_rate * paid.opening_salary + rates.recruiting_amount)
        + paid.reductions * (rates.severance_rate * paid.closing_salary + rates.severance_amount) as loaded_cost
    from paid
    inner join cost_rates as rates on paid.level = rates.level
),

costs as (
    select
        employee_id,
        max(spell_number) as spell_number,
        cast(sum(days_employed) as integer) as days_employed,
        cast(sum(salary_cost) as decimal(18, 2)) as salary_cost,
        cast(sum(loaded_cost) as decimal(18, 2)) as loaded_cost
    from loaded
    group by employee_id
)

select
    spells_in_scope.*,
    costs.days_employed,
    costs.salary_cost,
    costs.loaded_cost
from costs
inner join spells_in_scope
    on costs.employee_id = spells_in_scope.employee_id and costs.spell_number = spells_in_scope.spell_number
where costs.days_employed > 0
order by costs.loaded_cost desc, costs.employee_id asc
