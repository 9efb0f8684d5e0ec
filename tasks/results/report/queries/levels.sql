-- Means over replicates of each level's opening and closing headcount and the movements between them.
select
    scenario_id,
    simulation_year,
    level,
    level_name,
    avg(opening_headcount) as opening,
    avg(hires) as hires,
    avg(promotions_in) as promoted_in,
    avg(promotions_out) as promoted_out,
    avg(terminations) as leavers,
    avg(ending_headcount) as closing,
    avg(ending_payroll) as closing_payroll,
    cast(avg(opening_fte) as double) as opening_fte,
    cast(avg(ending_fte) as double) as closing_fte
from fct_level_summary
group by scenario_id, simulation_year, level, level_name
order by scenario_id, simulation_year, level
