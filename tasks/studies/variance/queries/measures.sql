-- What the members of a kind add up to, means over replicates. Grain: month, part of the cost (pay, recruiting,
-- severance), level at the start, level, place and kind. A member counts in `persons` by the share of their days.
with months as (
    select
        month,
        cast(month + interval 1 month as date) - 1 as month_end
    from unnest(cast($months as date[])) as given (month)
),

spells as (
    select
        members.*,
        states.is_hire,
        states.level,
        states.place,
        cast(states.salary as double) as salary,
        members.start_salary * states.fte / members.start_fte as salary_at_start_rate,
        greatest(coalesce(states.from_date, $first_day), $first_day) as from_date,
        coalesce(states.day_before_next, members.termination_date, $last_day) as to_date
    from states
    inner join members on states.replicate = members.replicate and states.employee_id = members.employee_id
),

days as (
    select
        spells.*,
        months.month,
        least(spells.to_date, months.month_end) - greatest(spells.from_date, months.month) + 1 as days
    from spells
    inner join months on spells.from_date <= months.month_end and spells.to_date >= months.month
),

every as (
    select
        *,
        'pay' as part,
        days / days_in_period as persons,
        days / $days_in_year as units
    from days
    where days > 0
    union all by name
    select
        spells.*,
        months.month,
        'recruiting' as part,
        0 as persons,
        1 as units
    from spells
    inner join months on spells.hire_date between months.month and months.month_end
    where spells.joins and spells.is_hire
    union all by name
    select
        spells.*,
        months.month,
        'severance' as part,
        0 as persons,
        1 as units
    from spells
    inner join months on spells.to_date between months.month and months.month_end
    where spells.kind = 'laid off' and spells.to_date = spells.termination_date
)

select
    month,
    part,
    start_level,
    level,
    place,
    kind,
    sum(persons) / $replicates as persons,
    sum(persons * start_fte) / $replicates as start_fte,
    sum(persons * start_salary) / $replicates as start_pay,
    sum(units) / $replicates as units,
    sum(units * start_salary) / $replicates as base,
    sum(units * salary_at_start_rate) / $replicates as base_fte,
    sum(units * salary) / $replicates as paid
from every
group by all
