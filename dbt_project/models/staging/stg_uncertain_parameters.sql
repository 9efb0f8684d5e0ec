-- Parameters that vary between replicates: bases of rates, and factors (with attribute and value). Grain: parameter.
with parameters as (
    select * from {{ source('inputs', 'uncertain_parameters') }}
)

select
    parameter_number,
    parameter,
    rate,
    cause,
    concat_ws(' ', rate, cause) as rate_key,
    attribute,
    value,
    loadings
from parameters
