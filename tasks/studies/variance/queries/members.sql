-- Everybody who is employed in the period: the kind of member (how they come and go), the days employed, and pay,
-- FTE and level at the start: when the period opens, before any change dated in it, or on the day of hire.
with employed as (
    select
        *,
        hire_date >= $first_day as joins,
        coalesce(termination_date <= $last_day, false) as leaves
    from people
    where hire_date <= $last_day and coalesce(termination_date >= $first_day, true)
),

reduced as (
    select
        replicate,
        employee_id
    from changes
    where event_type = 'termination' and event_reason = 'reduction_in_force'
),

starts as (
    select
        replicate,
        employee_id,
        arg_max(salary, number) as start_salary,
        arg_max(fte, number) as start_fte,
        arg_max(level, number) as start_level
    from states
    where is_hire or coalesce(from_date < $first_day, true)
    group by replicate, employee_id
)

select
    employed.replicate,
    employed.employee_id,
    employed.hire_date,
    employed.termination_date,
    employed.joins,
    case
        when employed.leaves and reduced.employee_id is not null then 'laid off'
        when employed.joins and employed.leaves then 'joins and leaves'
        when employed.joins then 'joins'
        when employed.leaves then 'leaves'
        else 'stays'
    end as kind,
    least(coalesce(employed.termination_date, $last_day), $last_day)
    - greatest(employed.hire_date, $first_day) + 1 as days_in_period,
    cast(starts.start_salary as double) as start_salary,
    cast(starts.start_fte as double) as start_fte,
    starts.start_level
from employed
inner join starts on employed.replicate = starts.replicate and employed.employee_id = starts.employee_id
left join reduced on employed.replicate = reduced.replicate and employed.employee_id = reduced.employee_id
