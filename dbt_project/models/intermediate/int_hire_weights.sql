-- Weights of the combinations of dimensions among the hires of a group (int_hire_groups), from the first of these
-- that has any: the settings' mix; the group's opening workforce; the company's opening workforce, moved into the
-- segment; all combinations of the group alike. Grain: path, segment, group and combination.
with groups as (
    select * from {{ ref('int_hire_groups') }}
),

observed as (
    select
        exposure.scenario_id,
        exposure.replicate,
        exposure.segment,
        case when grouping.is_by_level then exposure.level else 0 end as group_level,
        exposure.combination_id,
        count(*) as weight
    from {{ ref('int_exposure') }} as exposure
    inner join {{ ref('int_hire_grouping') }} as grouping on exposure.scenario_id = grouping.scenario_id
    group by all
),

company as (
    select
        scenario_id,
        replicate,
        combination_id,
        sum(weight) as weight
    from observed
    group by scenario_id, replicate, combination_id
),

ranked as (
    select
        1 as priority,
        paths.replicate,
        groups.*,
        cast(mix.share * 1000000000000 as bigint) as weight
    from groups
    inner join {{ ref('stg_hire_mix') }} as mix
        on groups.scenario_id = mix.scenario_id and groups.combination_id = mix.combination_id
    inner join {{ ref('stg_paths') }} as paths on groups.scenario_id = paths.scenario_id
    where mix.share > 0
    union all by name
    select
        2 as priority,
        *
    from observed
    union all by name
    select
        3 as priority,
        company.scenario_id,
        company.replicate,
        groups.segment,
        groups.group_level,
        groups.combination_id,
        sum(company.weight) as weight
    from company
    inner join {{ ref('stg_segments') }} as segments on company.scenario_id = segments.scenario_id
    -- a segment that names no dimension has no move: everybody is in it already
    left join {{ ref('stg_moves') }} as moves
        on segments.move_id = moves.move_id and company.combination_id = moves.from_combination_id
    inner join groups
        on
            segments.scenario_id = groups.scenario_id
            and segments.segment = groups.segment
            and coalesce(moves.to_combination_id, company.combination_id) = groups.combination_id
    group by all
    union all by name
    select
        4 as priority,
        paths.replicate,
        groups.*,
        1 as weight
    from groups
    inner join {{ ref('stg_paths') }} as paths on groups.scenario_id = paths.scenario_id
)

select * exclude (priority)
from ranked
qualify priority = min(priority) over (partition by scenario_id, replicate, segment, group_level)
