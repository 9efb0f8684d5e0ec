select
    scenario_id, simulation_year, level, level + 1, avg(promotions_out),
    avg(promotions_out) / nullif(avg(opening_headcount), 0)
from fct_level_summary
where level < (select max(level) from fct_level_summary)
group by all order by 1, 2, 3
