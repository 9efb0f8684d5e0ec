-- Means over replicates of the promotions from a level to the next.
with top_level as (
    select max(level) as level
    from fct_level_summary
)

select
    summary.scenario_id,
    summary.simulation_year,
    summary.level as from_level,
    summary.level + 1 as to_level,
    avg(summary.promotions_out) as promotions,
    avg(summary.promotions_out) / nullif(avg(summary.opening_headcount), 0) as share_of_level
from fct_level_summary as summary
inner join top_level on summary.level < top_level.level
group by summary.scenario_id, summary.simulation_year, summary.level
order by summary.scenario_id, summary.simulation_year, summary.level
