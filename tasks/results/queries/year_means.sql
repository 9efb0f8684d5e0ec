-- The year summary as means over replicates, of one year or all years.
select
    scenario_id,
    simulation_year,
    cast(avg(opening_headcount) as double) as opening_headcount,
    cast(avg(hires) as double) as hires,
    cast(avg(experienced_terminations + new_hire_terminations + reductions) as double) as terminations,
    cast(avg(promotions) as double) as promotions,
    cast(avg(transfers) as double) as transfers,
    cast(avg(adjustments) as double) as adjustments,
    cast(avg(ending_headcount) as double) as ending_headcount,
    cast(avg(opening_fte) as double) as opening_fte,
    cast(avg(ending_fte) as double) as ending_fte,
    cast(avg(average_fte) as double) as average_fte,
    cast(avg(growth_rate) as double) as growth_rate,
    cast(avg(ending_payroll) as double) as ending_payroll,
    cast(avg(prorated_payroll) as double) as prorated_payroll
from fct_year_summary
where simulation_year = $year or $year is null
group by scenario_id, simulation_year
order by scenario_id, simulation_year
