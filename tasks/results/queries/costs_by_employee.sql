-- Salary cost and loaded cost of spells_in_scope in the months, from the events and cost_rates.
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
        filter (where event_type not in ('hire', 'termination')) as raises,
        bool_or(coalesce(event_reason = 'reduction_in_force', false)) as is_reduction
    from events_of_path
    group by employee_id
),

people as (
    select
        people_of_path.employee_id,
        people_of_path.hire_date,
        people_of_path.termination_date,
        people_of_path.salary as closing_salary,
        coalesce(events.is_reduction, false) as is_reduction,
        coalesce(events.raises, []) as raises,
        coalesce(events.opening_salary, people_of_path.salary) as opening_salary,
        cast(coalesce(events.opening_salary, people_of_path.salary) * 100 as bigint) as opening_cents,
        greatest(people_of_path.hire_date, make_date($year, 1, 1)) as first_day
    from people_of_path
    left join events on people_of_path.employee_id = events.employee_id
),

in_month as (
    select
        spells_in_scope.level,
        spells_in_scope._from_date,
        people.*,
        greatest(spells_in_scope._from_date, months.month) as from_day,
        least(spells_in_scope._to_date, last_day(months.month)) as to_day
    from spells_in_scope
    inner join people on spells_in_scope.employee_id = people.employee_id
    inner join months
        on spells_in_scope._from_date <= last_day(months.month) and spells_in_scope._to_date >= months.month
    where $level is null or spells_in_scope.level = $level
),

spread as (
    select
        *,
        -- cents paid from the first day employed in the year to the day before these days, and to the last of them;
        -- each is rounded once, so that the parts add up to the year
        list_transform(
            [from_day - 1, to_day],
            lambda day: cast(floor(cast(
                opening_cents * greatest(0, day - first_day + 1)
                + coalesce(list_sum(list_transform(
                    raises,
                    lambda raise: raise['cents'] * greatest(0, day - raise['day'] + 1)
                )), 0) as double
            ) / $days + 0.5) as bigint)
        ) as paid_cents,
        to_day - from_day + 1 as days_employed,
        cast(from_day = hire_date as integer) as hires,
        cast(is_reduction and coalesce(to_day = termination_date, false) as integer) as reductions
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
        max(_from_date) as last_spell,
        cast(sum(days_employed) as integer) as days_employed,
        cast(sum(salary_cost) as decimal(18, 2)) as salary_cost,
        cast(sum(loaded_cost) as decimal(18, 2)) as loaded_cost
    from loaded
    group by employee_id
)

-- level and dimensions are those of the last days that count
select
    spells_in_scope.*,
    people.hire_date,
    people.termination_date,
    costs.days_employed,
    costs.salary_cost,
    costs.loaded_cost
from costs
inner join spells_in_scope on costs.employee_id = spells_in_scope.employee_id and costs.last_spell = spells_in_scope._from_date
inner join people on costs.employee_id = people.employee_id
order by costs.loaded_cost desc, costs.employee_id asc
