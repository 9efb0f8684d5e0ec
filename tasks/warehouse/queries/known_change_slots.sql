-- How many known changes ($kinds of action) the employee with most of them has in a fiscal year, and how many actions
-- hire. What is dated by the opening has happened and is apart from the simulated part of its year.
with numbers as (
    select count(*) as changes
    from inputs.actions as actions
    cross join inputs.run_control as control
    where list_contains($kinds, actions.action)
    group by
        actions.scenario_id,
        actions.employee_id,
        -- the whole years since one that begins on the fiscal year's first day
        datediff(
            'month', make_date(1600, control.fiscal_month, 1), actions.action_date - (control.fiscal_day - 1)
        ) // 12,
        actions.action_date > control.opening_date
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
