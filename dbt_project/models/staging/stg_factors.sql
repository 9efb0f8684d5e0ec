-- Multipliers of the hazards by attribute and value.
select
    scenario_id,
    rate,
    cause,
    concat_ws(' ', rate, cause) as rate_key,
    attribute,
    value,
    factor
from {{ source('inputs', 'factors') }}
