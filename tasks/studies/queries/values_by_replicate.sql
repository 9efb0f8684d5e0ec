-- A row per scenario, figure, year and replicate, over the view of `create_figures`; replicates up to a number.
select
    scenario_id,
    figure,
    simulation_year,
    replicate,
    value
from figures
where breakdown = 'total' and replicate <= $last_replicate
order by scenario_id, figure, simulation_year, replicate
