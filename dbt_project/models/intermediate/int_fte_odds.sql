-- FTEs from which hires draw theirs, as ranges [weight_from, weight_to) of the total weight: the settings' mix, or the
-- opening workforce of the level; a level without employees takes the company's. Grain: path, level and FTE.
with levels as (
    select
        paths.replicate,
        levels.scenario_id,
        levels.level
    from {{ ref('stg_levels') }} as levels
    inner join {{ ref('stg_paths') }} as paths on levels.scenario_id = paths.scenario_id
),

observed as (
    select
        scenario_id,
        replicate,
        level,
        fte,
        count(*) as weight
    from {{ ref('int_exposure') }}
    group by scenario_id, replicate, level, fte
),

ranked as (
    select
        1 as priority,
        levels.*,
        mix.fte,
        cast(mix.share * 1000000000000 as bigint) as weight
    from levels
    inner join {{ ref('stg_hire_fte_mix') }} as mix on levels.scenario_id = mix.scenario_id
    where mix.share > 0
    union all by name
    select
        2 as priority,
        *
    from observed
    union all by name
    select
        3 as priority,
        levels.*,
        observed.fte,
        sum(observed.weight) as weight
    from levels
    inner join observed on levels.scenario_id = observed.scenario_id and levels.replicate = observed.replicate
    group by all
    union all by name
    select
        4 as priority,
        *,
        cast(1 as decimal(7, 6)) as fte,
        1 as weight
    from levels
),

weighted as (
    select *
    from ranked
    qualify priority = min(priority) over (partition by scenario_id, replicate, level)
)

select
    * exclude (priority),
    sum(weight) over (partition by scenario_id, replicate, level) as total_weight,
    sum(weight) over (partition by scenario_id, replicate, level order by fte) as weight_to,
    weight_to - weight as weight_from
from weighted
