-- Whether the combinations of dimensions of hires are apportioned by level: where levels and dimensions together decide the
-- segment. Grain: scenario.
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
)

select
    by_combination.scenario_id,
    max(by_combination.segments) > 1 and max(by_level.segments) > 1 as is_by_level
from segments_of_combinations as by_combination
inner join segments_of_levels as by_level on by_combination.scenario_id = by_level.scenario_id
group by by_combination.scenario_id
