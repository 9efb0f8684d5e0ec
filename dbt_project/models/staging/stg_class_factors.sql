-- The factor of a class of combinations (stg_factor_classes) for a rate and cause: the product over dimensions.
with classes as (
    select * from {{ ref('stg_factor_classes') }}
)

select
    scenario_id,
    factor_class,
    unnest(any_value(class_factors)).rate as rate,
    unnest(any_value(class_factors)).cause as cause,
    unnest(any_value(class_factors)).factor as factor
from classes
group by scenario_id, factor_class
