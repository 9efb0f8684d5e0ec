-- Means over replicates of the promotions from each level to the next, and to higher ones where there are any.
with promotions as (
    select
        scenario_id,
        simulation_year,
        level_before as from_level,
        level_after as to_level,
        count(*) as promotions
    from fct_workforce_events
    where event_type = 'promotion'
    group by scenario_id, simulation_year, level_before, level_after
),

openings as (
    select
        scenario_id,
        simulation_year,
        level,
        max(level) over () as top_level,
        count(*) as replicates,
        sum(opening_headcount) as employees
    from fct_level_summary
    group by scenario_id, simulation_year, level
),

moves as (
    select
        scenario_id,
        from_level,
        to_level
    from promotions
    union
    select
        scenario_id,
        level as from_level,
        level + 1 as to_level
    from openings
    where level < top_level
)

select
    openings.scenario_id,
    openings.simulation_year,
    moves.from_level,
    moves.to_level,
    coalesce(promotions.promotions, 0) / openings.replicates as promotions,
    coalesce(promotions.promotions, 0) / nullif(openings.employees, 0) as share_of_level
from moves
inner join openings on moves.scenario_id = openings.scenario_id and moves.from_level = openings.level
left join promotions
    on
        moves.scenario_id = promotions.scenario_id
        and openings.simulation_year = promotions.simulation_year
        and moves.from_level = promotions.from_level
        and moves.to_level = promotions.to_level
order by openings.scenario_id, openings.simulation_year, moves.from_level, moves.to_level
