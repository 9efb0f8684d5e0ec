select
    scenario_id, simulation_year, level, level_name, avg(opening_headcount), avg(hires), avg(promotions_in),
    avg(promotions_out), avg(terminations), avg(ending_headcount), avg(ending_payroll)
from fct_level_summary group by all order by 1, 2, 3
