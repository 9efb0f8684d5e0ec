select scenario_id, simulation_year, age_band, tenure_band, count(*), count(*) filter (where event_reason = 'experienced')
from fct_workforce_snapshot
left join (
    select scenario_id, simulation_year, replicate, employee_id, event_reason
    from fct_workforce_events where event_type = 'termination'
) using (scenario_id, simulation_year, replicate, employee_id)
where year(hire_date) < simulation_year
group by all order by all
