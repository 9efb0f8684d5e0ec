-- A figure of everybody or of a part by path and year; one year, or all.
select
    scenario_id,
    replicate,
    simulation_year,
    value
from figures
where
    figure = $figure
    and breakdown = $breakdown
    and item is not distinct from $item
    and (simulation_year = $year or $year is null)
order by scenario_id, replicate, simulation_year
