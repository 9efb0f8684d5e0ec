-- The year summary as means over replicates, of one year or all years. The loaded cost is null in results of an earlier
-- version of the program, which lack it.
with summary as (
    from fct_year_summary
    union all by name
    select cast(null as decimal(18, 2)) as loaded_cost
    where false
)

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
    cast(avg(prorated_payroll) as double) as prorated_payroll,
    cast(avg(loaded_cost) as double) as loaded_cost
from summary
where simulation_year = $year or $year is null
group by scenario_id, simulation_year
order by scenario_id, simulation_year
