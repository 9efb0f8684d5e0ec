select
    scenario_id,
    simulation_year,
    figure,
    count(value) as replicates,
    avg(value) as mean,
    stddev_samp(value) as deviation,
    deviation / sqrt(replicates) as standard_error
from figures
group by scenario_id, simulation_year, figure
order by scenario_id, simulation_year, figure
