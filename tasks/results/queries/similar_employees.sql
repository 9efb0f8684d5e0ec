select distinct employee_id
from fct_workforce_snapshot
where scenario_id = $scenario and replicate = $replicate
order by jaro_winkler_similarity(employee_id, $employee) desc, employee_id
limit 3
