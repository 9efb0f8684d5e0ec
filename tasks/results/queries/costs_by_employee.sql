-- Salary cost and loaded cost of people_in_scope in the months, from their events and cost_rates.
with months as (
    select unnest(cast($months as date[])) as month
),

events as (
    select
        employee_id,
        arg_min(
            case when event_type = 'hire' then salary_after else salary_before end, event_sequence
        ) as opening_salary,
        list({ 'day': event_date, 'cents': cast((salary_after - salary_before) * 100 as bigint) })
        filter (where event_type in ('cola', 'promotion', 'merit')) as raises,
        min(event_date) filter (where event_type = 'promotion') as promoted_on,
        bool_or(event_reason = 'reduction_in_force') as is_reduction
    from fct_workforce_events
    where scenario_id = $scenario and replicate = $replicate and simulation_year = $year
    group by employee_id
),

people as (
    select
        people_in_scope.* exclude (level), -- noqa: RF02
        people_in_scope.level as closing_level,
        events.promoted_on,
        coalesce(events.is_reduction, false) as is_reduction,
        coalesce(events.raises, []) as raises,
        coalesce(events.opening_salary, people_in_scope.salary) as opening_salary
    from people_in_scope
    left join events on people_in_scope.employee_id = events.employee_id
),

in_year as (
    select
        *,
        cast(opening_salary * 100 as bigint) as opening_cents,
        greatest(hire_date, make_date($year, 1, 1)) as first_day,
        coalesce(termination_date, make_date($year, 12, 31)) as last_day
    from people
),

in_month as (
    select
        in_year.*,
        months.month,
        last_day(months.month) as month_end
    from in_year
    inner join months on in_year.first_day <= last_day(months.month) and in_year.last_day >= months.month
),

spread as (
    select
        *,
        -- cents paid from the first day employed in the year to the day before the month, and to the month's
        -- last day; each is rounded once, so that months add up to the year
        list_transform(
            [month - 1, month_end],
            lambda day: cast(floor(cast(
                opening_cents * greatest(0, least(last_day, day) - first_day + 1)
                + coalesce(list_sum(list_transform(
                    raises,
                    lambda raise: raise['cents'] * greatest(0, least(last_day, day) - raise['day'] + 1)
                )), 0) as double
            ) / $days + 0.5) as bigint)
        ) as paid_cents,
        closing_level - cast(coalesce(promoted_on > month_end, false) as integer) as level,
        least(last_day, month_end) - greatest(first_day, month) + 1 as days_employed,
        cast(hire_date >= month and hire_date <= month_end as integer) as hires,
        cast(
            is_reduction and coalesce(termination_date >= month and termination_date <= month_end, false) as integer
        ) as reductions
    from in_month
),

paid as (
    select
        *,
        (paid_cents[2] - paid_cents[1]) / 100.0 as salary_cost,
        $days as days_in_year
    from spread
    where $level is null or level = $level
),

loaded as (
    select
        paid.*,
        paid.salary_cost * (
            1 + rates.bonus_rate + rates.benefits_rate + (1 + rates.bonus_rate) * rates.payroll_tax_rate
        )
        + (rates.benefits_amount + rates.payroll_tax_amount) * paid.days_employed / paid.days_in_year
        + paid.hires * (rates.recruiting_rate * paid.opening_salary + rates.recruiting_amount)
        + paid.reductions * (rates.severance_rate * paid.salary + rates.severance_amount) as loaded_cost
    from paid
    inner join cost_rates as rates on paid.level = rates.level
),

costs as (
    select
        employee_id,
        max(level) as level,
        cast(sum(days_employed) as integer) as days_employed,
        cast(sum(salary_cost) as decimal(18, 2)) as salary_cost,
        cast(sum(loaded_cost) as decimal(18, 2)) as loaded_cost
    from loaded
    group by employee_id
)

select
    people_in_scope.* exclude (level), -- noqa: RF02
    costs.level,
    costs.days_employed,
    costs.salary_cost,
    costs.loaded_cost
from costs
inner join people_in_scope on costs.employee_id = people_in_scope.employee_id
order by costs.loaded_cost desc, costs.employee_id asc
