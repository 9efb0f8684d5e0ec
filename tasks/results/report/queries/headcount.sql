-- Means over replicates of opening and closing headcount and the movements between them.
select
    scenario_id,
    simulation_year,
    avg(opening_headcount) as opening,
    avg(hires) as hires,
    avg(experienced_terminations) as experienced_leavers,
    avg(new_hire_terminations) as new_hire_leavers,
    avg(reductions) as reductions,
    avg(ending_headcount) as closing,
    avg(growth_rate) as growth,
    avg(experienced_terminations) / nullif(avg(opening_headcount), 0) as experienced_turnover,
    avg(experienced_terminations + new_hire_terminations + reductions)
    / nullif((avg(opening_headcount) + avg(ending_headcount)) / 2, 0) as total_turnover
from fct_year_summary
group by scenario_id, simulation_year
order by scenario_id, simulation_year
