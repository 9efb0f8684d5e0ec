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

named as (
    select
        scenario_id,
        bool_or(move_id is not null) as names_dimensions
    from {{ source('inputs', 'segments') }}
    group by scenario_id
),

scenarios as (
    select
        combinations.scenario_id,
        max(combinations.segments) > 1 and bool_or(named.names_dimensions) as is_by_level
    from segments_of_combinations as combinations
    inner join named on combinations.scenario_id = named.scenario_id
    group by combinations.scenario_id
)

select distinct
    members.scenario_id,
    members.segment,
    case when scenarios.is_by_level then members.level else 0 end as group_level,
    scenarios.is_by_level,
    members.combination_id
from members
inner join scenarios on members.scenario_id = scenarios.scenario_id
