-- Combinations of dimensions in long form: one row per combination and dimension.
select
    combination_id,
    dimension,
    dimension_value
from {{ source('inputs', 'dimension_values') }}
