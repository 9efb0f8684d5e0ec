-- The factor of a class of combinations (stg_factor_classes) for a rate: the product over dimensions, and
-- the numbers of those that vary. Grain: scenario, class and rate.

with classes as (
    select distinct
        scenario_id,
        factor_class,
        class_factors
    from {{ ref('stg_factor_classes') }}
),

entries as (
    select
        scenario_id,
        factor_class,
        unnest(class_factors) as entry
    from classes
)

select
    entries.scenario_id,
    entries.factor_class,
    entry.rate_key,
    entry.factor,
    entry.parameters
from entries
