-- Segments within which combinations of dimensions are apportioned. Where levels and dimensions together decide the
-- segment, each of its levels is a group of its own (group_level), else the segment is one group (group_level 0).
-- Grain: scenario, segment, group and combination.
{{ config(materialized='table', tags=['static']) }}

select distinct
    members.scenario_id,
    members.segment,
    case when grouping.is_by_level then members.level else 0 end as group_level,
    members.combination_id
from {{ ref('stg_segment_members') }} as members
inner join {{ ref('int_hire_grouping') }} as grouping on members.scenario_id = grouping.scenario_id
