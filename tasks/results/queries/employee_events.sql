select *
from fct_workforce_events
where scenario_id = $scenario and replicate = $replicate and employee_id = $employee
order by simulation_year, event_sequence
