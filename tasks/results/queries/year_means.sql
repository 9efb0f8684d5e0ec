-- The year summary as means over replicates, of one year or all years.
select
    scenario_id,
    simulation_year,
    cast(avg(opening_headcount) as double) as opening_headcount,
    cast(avg(hires) as double) as hires,
    cast(avg(experienced_terminations + new_hire_terminations + reductions) as double) as terminations,
    cast(avg(promotions) as double) as promotions,
    cast(avg(ending_headcount) as double) as ending_headcount,
    cast(avg(growth_rate) as double) as growth_rate,
    cast(avg(ending_payroll) as double) as ending_payroll,
    cast(avg(prorated_payroll) as double) as prorated_payroll
from fct_year_summary
where simulation_year = $year or $year is null
group by scenario_id, simulation_year
order by scenario_id, simulation_year
