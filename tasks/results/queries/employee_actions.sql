-- The known actions of one employee in a path; hires of a count of people by the id that they get.
select *
from fct_planned_actions
where
    scenario_id = $scenario and replicate = $replicate
    and (
        employee_id = $employee
        or (
            action = 'hire'
            and regexp_matches($employee, concat('^H', simulation_year, '-', regexp_escape(action_id), '-[0-9]+$'))
        )
    )
order by action_date, action_id
