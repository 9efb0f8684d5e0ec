-- The known actions that were not done in some replicate, with the reason and the number of these replicates.
select
    scenario_id,
    cast(
        year(action_date)
        + cast(
            fiscal_calendar.start_month * 100 + fiscal_calendar.start_day > 101
            and month(action_date) * 100 + day(action_date)
            >= fiscal_calendar.start_month * 100 + fiscal_calendar.start_day
            as integer
        ) as integer
    ) as simulation_year,
    action_id,
    action,
    action_date,
    employee_id,
    outcome as reason,
    count(*) as replicates
from fct_planned_actions
cross join fiscal_calendar
where outcome <> 'done'
group by all
order by scenario_id, action_date, action_id, reason
