-- The hires of each segment that are not known by name, apportioned over the segment's levels by the settings' mix.
-- If the mix gives none of the levels a share, the segment's opening headcounts do; if there are none either, all
-- levels alike.
with quotas as (
    select * from {{ ref('int_year_quotas') }}
),

segment_levels as (
    select distinct
        scenario_id,
        segment,
        level
    from {{ ref('stg_segment_members') }}
),

headcounts as (
    select
        scenario_id,
        replicate,
        segment,
        level,
        count(*) as employees
    from {{ ref('int_exposure') }}
    group by scenario_id, replicate, segment, level
),

candidates as (
    select
        quotas.scenario_id,
        quotas.replicate,
        quotas.segment,
        quotas.segment_number,
        levels.level,
        quotas.hires - quotas.known_hires as seats,
        cast(levels.hire_share * 1000000000000 as bigint) as mix_weight,
        coalesce(headcounts.employees, 0) as opening_weight,
        sum(mix_weight) over segment as mix_total,
        sum(opening_weight) over segment as opening_total,
        count(*) over segment as level_count
    from quotas
    inner join segment_levels
        on quotas.scenario_id = segment_levels.scenario_id and quotas.segment = segment_levels.segment
    inner join {{ ref('stg_levels') }} as levels
        on segment_levels.scenario_id = levels.scenario_id and segment_levels.level = levels.level
    left join headcounts
        on
            quotas.scenario_id = headcounts.scenario_id
            and quotas.replicate = headcounts.replicate
            and quotas.segment = headcounts.segment
            and levels.level = headcounts.level
    window segment as (partition by quotas.scenario_id, quotas.replicate, quotas.segment)
),

weighted as (
    select
        * exclude (mix_weight, opening_weight, mix_total, opening_total, level_count),
        cast(
            case when mix_total > 0 then mix_weight when opening_total > 0 then opening_weight else 1 end as bigint
        ) as weight,
        cast(
            case when mix_total > 0 then mix_total when opening_total > 0 then opening_total else level_count end
            as bigint
        ) as total_weight
    from candidates
    where seats > 0
),

{{ largest_remainder('weighted', 'level', path='scenario_id, replicate, segment') }}
