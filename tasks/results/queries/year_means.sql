-- The year summary as means over replicates; of one year, or of all.
select
    scenario_id,
    simulation_year,
    avg(opening_headcount)::double as opening_headcount,
    avg(hires)::double as hires,
    avg(experienced_terminations + new_hire_terminations + reductions)::double as terminations,
    avg(promotions)::double as promotions,
    avg(ending_headcount)::double as ending_headcount,
    avg(growth_rate)::double as growth_rate,
    avg(ending_payroll)::double as ending_payroll,
    avg(prorated_payroll)::double as prorated_payroll
from fct_year_summary
where simulation_year = $year or $year is null
group by scenario_id, simulation_year
order by scenario_id, simulation_year
