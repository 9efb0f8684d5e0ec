-- How far the logarithm of each parameter deviates from the settings in a replicate: the square root of the covariance
-- times independent standard normal draws, one per parameter. Grain: replicate and parameter; no row where
-- assumptions are certain.
{{ config(materialized='table') }}

with parameters as (
    select * from {{ ref('stg_uncertain_parameters') }}
),

replicates as (
    select distinct parameter_replicate
    from {{ ref('stg_paths') }}
),

control as (
    select * from {{ ref('stg_control') }}
),

draws as (
    select
        replicates.parameter_replicate,
        list(
            {{ normal_draw('parameter', replicate_key('replicates.parameter_replicate'), 'parameters.parameter') }}
            order by parameters.parameter_number
        ) as draws
    from replicates
    cross join control
    cross join parameters
    group by replicates.parameter_replicate
)

select
    draws.parameter_replicate,
    parameters.* exclude (loadings), -- noqa: RF02
    list_inner_product(parameters.loadings, draws.draws) as log_deviation
from draws
cross join parameters
