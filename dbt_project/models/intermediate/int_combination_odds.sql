-- Combinations of dimensions from which a known hire draws what its action leaves open, as ranges [weight_from,
-- weight_to) of the total weight: the settings' mix, or the opening workforce; if there is neither, all alike. Grain:
-- path and combination.
with combinations as (
    select combination_id from {{ ref('stg_dimension_combinations') }}
),

given as (
    select
        paths.scenario_id,
        paths.replicate,
        mix.combination_id,
        cast(mix.share * 1000000000000 as bigint) as weight
    from {{ ref('stg_hire_mix') }} as mix
    inner join {{ ref('stg_paths') }} as paths on mix.scenario_id = paths.scenario_id
),

observed as (
    select
        scenario_id,
        replicate,
        combination_id,
        count(*) as weight
    from {{ ref('int_exposure') }}
    where scenario_id not in (select given.scenario_id from given)
    group by scenario_id, replicate, combination_id
),

known as (
    select * from given
    union all
    select * from observed
),

weights as (
    select * from known
    union all
    select
        paths.scenario_id,
        paths.replicate,
        combinations.combination_id,
        1 as weight
    from {{ ref('stg_paths') }} as paths
    anti join known on paths.scenario_id = known.scenario_id and paths.replicate = known.replicate
    cross join combinations
),

cumulated as (
    select
        *,
        sum(weight) over (partition by scenario_id, replicate order by combination_id) as weight_to,
        sum(weight) over (partition by scenario_id, replicate) as total_weight
    from weights
)

select
    *,
    weight_to - weight as weight_from
from cumulated
