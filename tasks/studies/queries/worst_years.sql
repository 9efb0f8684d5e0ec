-- Of each path the figure of everybody or of a part, in the given year or in the worst one: the lowest for a lower
-- limit, else the highest. Null where the figure has no value in one of the years.
select
    scenario_id,
    replicate,
    case when count(*) = count(value) then case when $is_lower_limit then min(value) else max(value) end end as value
from figures
where
    figure = $figure
    and breakdown = $breakdown
    and item is not distinct from $item
    and (simulation_year = $year or $year is null)
group by scenario_id, replicate
order by scenario_id, replicate
