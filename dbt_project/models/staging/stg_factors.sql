-- Multipliers of the hazards by attribute and value. A factor that varies has a row even if it is 1. Grain: scenario,
-- rate, attribute and value.
with factors as (
    select * from {{ source('inputs', 'factors') }}
),

uncertain as (
    select
        scenarios.scenario_id,
        parameters.*
    from {{ source('inputs', 'scenarios') }} as scenarios
    cross join {{ ref('stg_uncertain_parameters') }} as parameters
    where parameters.attribute is not null
)

select
    coalesce(factors.scenario_id, uncertain.scenario_id) as scenario_id,
    coalesce(factors.rate, uncertain.rate) as rate,
    coalesce(factors.cause, uncertain.cause) as cause,
    concat_ws(' ', coalesce(factors.rate, uncertain.rate), coalesce(factors.cause, uncertain.cause)) as rate_key,
    coalesce(factors.attribute, uncertain.attribute) as attribute,
    coalesce(factors.value, uncertain.value) as value,
    coalesce(factors.factor, 1.0) as factor,
    uncertain.parameter_number
from factors
full join uncertain
    on
        factors.scenario_id = uncertain.scenario_id
        and factors.rate = uncertain.rate
        and factors.cause is not distinct from uncertain.cause
        and factors.attribute = uncertain.attribute
        and factors.value is not distinct from uncertain.value
