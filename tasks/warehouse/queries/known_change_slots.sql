-- How many known changes ($kinds of action) the employee with most of them has in a year.
with numbers as (
    select count(*) as changes
    from inputs.actions
    where list_contains($kinds, action)
    group by scenario_id, employee_id, year(action_date)
)

select coalesce(max(changes), 0) as slots from numbers
