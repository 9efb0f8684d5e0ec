-- The factor of a class of combinations for a rate (stg_class_factors), as drawn. Grain: scenario, replicate (0: all,
-- where assumptions are certain), class and rate.
{{ config(materialized='table') }}

with class_factors as (
    select * from {{ ref('stg_class_factors') }}
),

replicates as (
    select distinct
        scenario_id,
        parameter_replicate
    from {{ ref('stg_paths') }}
),

-- the deviations of a replicate by number of the parameter, for those that are not 0 by definition
deviations as (
    select
        parameter_replicate,
        list(log_deviation order by parameter_number) as log_deviations
    from {{ ref('int_parameter_deviations') }}
    group by parameter_replicate
)

select
    class_factors.scenario_id,
    replicates.parameter_replicate,
    class_factors.factor_class,
    class_factors.rate_key,
    class_factors.factor
    * exp(coalesce(list_sum(list_select(deviations.log_deviations, class_factors.parameters)), 0)) as factor
from class_factors
inner join replicates on class_factors.scenario_id = replicates.scenario_id
left join deviations on replicates.parameter_replicate = deviations.parameter_replicate
