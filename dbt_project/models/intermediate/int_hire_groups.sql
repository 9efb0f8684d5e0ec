-- Segments within which combinations of dimensions are apportioned. Where levels and dimensions together decide the
-- segment, each of its levels is a group of its own (group_level), else the segment is one group (group_level 0).
-- Grain: scenario, segment, group and combination.
{{ config(materialized='table', tags=['static']) }}

with members as (
    select * from {{ ref('stg_segment_members') }}
),

segments_of_combinations as (
    select
        scenario_id,
        combination_id,
        count(distinct segment) as segments
    from members
    group by scenario_id, combination_id
),

segments_of_levels as (
    select
        scenario_id,
        level,
        count(distinct segment) as segments
    from members
    group by scenario_id, level
),

scenarios as (
    select
        by_combination.scenario_id,
        max(by_combination.segments) > 1 and max(by_level.segments) > 1 as is_by_level
    from segments_of_combinations as by_combination
    inner join segments_of_levels as by_level on by_combination.scenario_id = by_level.scenario_id
    group by by_combination.scenario_id
)

select distinct
    members.scenario_id,
    members.segment,
    case when scenarios.is_by_level then members.level else 0 end as group_level,
    scenarios.is_by_level,
    members.combination_id
from members
inner join scenarios on members.scenario_id = scenarios.scenario_id
