-- A figure, or all figures, of everybody or of a part by path and year; one year, or all.
select
    scenario_id,
    figure,
    replicate,
    simulation_year,
    value
from figures
where
    (figure = $figure or $figure is null)
    and breakdown = $breakdown
    and item is not distinct from $item
    and (simulation_year = $year or $year is null)
order by scenario_id, figure, replicate, simulation_year
