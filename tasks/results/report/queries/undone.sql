-- The known actions that were not done in some replicate, with the reason and the number of these replicates.
select
    scenario_id,
    year(action_date) as simulation_year,
    action_id,
    action,
    action_date,
    employee_id,
    outcome as reason,
    count(*) as replicates
from fct_planned_actions
where outcome <> 'done'
group by scenario_id, action_id, action, action_date, employee_id, outcome
order by scenario_id, action_date, action_id, reason
