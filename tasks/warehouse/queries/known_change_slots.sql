-- How many known changes ($kinds of action) the employee with most of them has in a year, and how many actions hire.
with numbers as (
    select count(*) as changes
    from inputs.actions
    where list_contains($kinds, action)
    group by scenario_id, employee_id, year(action_date)
),

known_hires as (
    select count(*) as hires
    from inputs.actions
    where action = 'hire'
)

select
    coalesce(max(numbers.changes), 0) as slots,
    any_value(known_hires.hires) as hires
from known_hires
left join numbers on true
