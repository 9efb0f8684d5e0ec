-- The segment of every combination of dimensions at every level.
select
    scenario_id,
    segment,
    combination_id,
    level
from {{ source('inputs', 'segment_members') }}
