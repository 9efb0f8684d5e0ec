-- Multipliers of the hazards by attribute and value, as drawn. Grain: scenario, replicate (0: all, where assumptions
-- are certain), rate, attribute and value.
with factors as (
    select * from {{ ref('stg_factors') }}
),

deviations as (
    select * from {{ ref('int_parameter_deviations') }}
),

replicates as (
    select distinct
        scenario_id,
        parameter_replicate
    from {{ ref('stg_paths') }}
)

select
    factors.scenario_id,
    replicates.parameter_replicate,
    factors.rate_key,
    factors.attribute,
    factors.value,
    factors.factor * exp(coalesce(deviations.log_deviation, 0)) as factor
from factors
inner join replicates on factors.scenario_id = replicates.scenario_id
left join deviations
    on
        replicates.parameter_replicate = deviations.parameter_replicate
        and factors.parameter_number = deviations.parameter_number
