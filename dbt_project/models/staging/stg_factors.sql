-- Multipliers of the hazards by attribute and value.
select
    scenario_id,
    rate,
    cause,
    attribute,
    value,
    factor
from {{ source('inputs', 'factors') }}
