-- The year's hires of each path, apportioned over combinations of dimensions: in the proportions of
-- the opening workforce, or of the settings' mix where they give one. Combinations are numbered in
-- the order of their text, so that ties go to the earlier text.
with quotas as (
    select * from {{ ref('int_year_quotas') }}
),

observed as (
    select
        scenario_id,
        replicate,
        combination_id,
        count(*) as weight
    from {{ ref('int_exposure') }}
    group by scenario_id, replicate, combination_id
),

given as (
    select
        scenario_id,
        combination_id,
        cast(share * 1000000000000 as bigint) as weight
    from {{ ref('stg_hire_mix') }}
),

weights as (
    select
        quotas.scenario_id,
        quotas.replicate,
        given.combination_id,
        given.weight
    from quotas
    inner join given on quotas.scenario_id = given.scenario_id
    union all
    select * from observed
    where scenario_id not in (select given.scenario_id from given)
),

weighted as (
    select
        quotas.scenario_id,
        quotas.replicate,
        weights.combination_id,
        quotas.hires as seats,
        weights.weight,
        sum(weights.weight) over (partition by quotas.scenario_id, quotas.replicate) as total_weight
    from quotas
    inner join weights on quotas.scenario_id = weights.scenario_id and quotas.replicate = weights.replicate
),

{{ largest_remainder('weighted', 'combination_id') }}
