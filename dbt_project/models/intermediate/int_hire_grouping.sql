-- Whether the combinations of dimensions of hires are apportioned by level: where segments name levels and
-- dimensions. Grain: scenario.
{{ config(materialized='table', tags=['static']) }}

with segments_of_combinations as (
    select
        scenario_id,
        combination_id,
        count(distinct segment) as segments
    from {{ ref('stg_segment_members') }}
    group by scenario_id, combination_id
),

named as (
    select
        scenario_id,
        bool_or(move_id is not null) as names_dimensions
    from {{ source('inputs', 'segments') }}
    group by scenario_id
)

select
    combinations.scenario_id,
    -- levels decide where a combination is in several segments; dimensions where segments name them
    max(combinations.segments) > 1 and bool_or(named.names_dimensions) as is_by_level
from segments_of_combinations as combinations
inner join named on combinations.scenario_id = named.scenario_id
group by combinations.scenario_id
