-- The known actions that were not done in some replicate, with the reason and the number of these replicates.
select
    actions.scenario_id,
    cast(
        year(actions.action_date)
        + cast(
            calendar.start_month * 100 + calendar.start_day > 101
            and month(actions.action_date) * 100 + day(actions.action_date)
            >= calendar.start_month * 100 + calendar.start_day
            as integer
        ) as integer
    ) as simulation_year,
    actions.action_id,
    actions.action,
    actions.action_date,
    actions.employee_id,
    actions.outcome as reason,
    count(*) as replicates
from fct_planned_actions as actions
cross join fiscal_calendar as calendar
where actions.outcome <> 'done'
group by all
order by actions.scenario_id, actions.action_date, actions.action_id, reason
