-- Moves between combinations of dimensions: where each leads from every combination.
select
    move_id,
    from_combination_id,
    to_combination_id
from {{ source('inputs', 'moves') }}
