-- One employee's rows of the snapshot in simulated years, oldest first.
select * from fct_workforce_snapshot
where
    scenario_id = $scenario and replicate = $replicate and employee_id = $employee
    and simulation_year in (select rates.simulation_year from rates)
order by simulation_year
