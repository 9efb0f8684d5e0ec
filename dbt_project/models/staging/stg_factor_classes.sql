-- Combinations of dimensions with the same factors, which vary alike, form a class, so that hazards are looked up once
-- per class.
-- Only combinations with a factor have a row; all others are class 0.
{{ config(materialized='table') }}

with factors as (
    select * from {{ ref('stg_factors') }}
),

dimension_values as (
    select * from {{ ref('stg_dimension_values') }}
),

products as (
    select
        factors.scenario_id,
        dimension_values.combination_id,
        factors.rate_key,
        list_aggregate(list(factors.factor order by factors.attribute), 'product') as factor,
        coalesce(
            list(factors.parameter_number order by factors.attribute)
            filter (where factors.parameter_number is not null),
            []
        ) as parameters
    from factors
    inner join dimension_values
        on
            factors.attribute = dimension_values.dimension
            and factors.value is not distinct from dimension_values.dimension_value
    group by factors.scenario_id, dimension_values.combination_id, factors.rate_key
),

lists as (
    select
        scenario_id,
        combination_id,
        list({ 'rate_key': rate_key, 'factor': factor, 'parameters': parameters } order by rate_key) as class_factors
    from products
    group by scenario_id, combination_id
)

select
    scenario_id,
    combination_id,
    cast(dense_rank() over (partition by scenario_id order by class_factors) as integer) as factor_class,
    class_factors
from lists
