-- What is added to the logarithm of a rate's base in the year under simulation: the deviation of the parameter and the
-- effect of the year. Raises: of 1 + rate. Grain: replicate and rate (with the cause of a termination); a rate that
-- does not vary has no row. A table, since six statements of a year use it and planning a view takes longer.
{{ config(materialized='year_table', tags=['year']) }}

with deviations as (
    select * from {{ ref('int_parameter_deviations') }}
    where attribute is null
),

year_effects as (
    select effects.*
    from {{ ref('int_year_effects') }} as effects
    inner join {{ ref('stg_control') }} as control on effects.simulation_year = control.simulation_year
),

causes as (
    select distinct cause
    from {{ ref('stg_causes') }}
),

parts as (
    select
        parameter_replicate,
        rate_key,
        log_deviation as log_effect
    from deviations
    union all
    select
        parameter_replicate,
        rate as rate_key,
        log_effect
    from year_effects
    where rate in ('promotion', 'transfer', 'new_hire_termination')
    union all
    select
        year_effects.parameter_replicate,
        concat_ws(' ', 'termination', causes.cause) as rate_key,
        year_effects.log_effect
    from year_effects
    cross join causes
    where year_effects.rate = 'termination'
    union all
    select
        parameter_replicate,
        case rate when 'termination' then 'total_termination' else 'cola' end as rate_key,
        log_effect
    from year_effects
    where rate in ('termination', 'raises')
)

select
    parameter_replicate,
    rate_key,
    -- two parts at most, so that their order does not change the sum
    sum(log_effect) as log_effect
from parts
group by parameter_replicate, rate_key
