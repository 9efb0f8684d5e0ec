-- How many known transfers, raises and changes of FTE the employee with most of them has in a year.
with numbers as (
    select count(*) as changes
    from inputs.actions
    where action in ('transfer', 'raise', 'fte')
    group by scenario_id, employee_id, year(action_date)
)

select coalesce(max(changes), 0) as slots from numbers
