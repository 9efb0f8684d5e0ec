-- All states of one path and year.
select * from states
where scenario_id = $scenario and replicate = $replicate and simulation_year = $year
