-- The mean over replicates of a figure of everybody or of a part, in the given year or in the worst one: the lowest for
-- a lower limit, else the highest. Null where the figure has no value in one of the years.
with years as (
    select
        simulation_year,
        avg(value) as mean
    from figures
    where
        scenario_id = $scenario
        and figure = $figure
        and breakdown = $breakdown
        and item is not distinct from $item
        and (simulation_year = $year or $year is null)
    group by simulation_year
)

select case when count(*) = count(mean) then case when $is_lower_limit then min(mean) else max(mean) end end as mean
from years
