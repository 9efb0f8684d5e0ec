select
    scenario_id, simulation_year, avg(opening_headcount), avg(hires), avg(experienced_terminations),
    avg(new_hire_terminations), avg(reductions), avg(ending_headcount), avg(growth_rate),
    avg(experienced_terminations) / nullif(avg(opening_headcount), 0),
    avg(experienced_terminations + new_hire_terminations + reductions)
    / nullif((avg(opening_headcount) + avg(ending_headcount)) / 2, 0)
from fct_year_summary group by all order by all
