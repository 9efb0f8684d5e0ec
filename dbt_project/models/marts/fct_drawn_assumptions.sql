-- What replicates drew where assumptions are uncertain: the deviation of each parameter, which holds in all years, and
-- the effect of each year. Grain: replicate, year, source and name. The same in all scenarios. A view, since a run may
-- be continued by further years.
with deviations as (
    select * from {{ ref('int_parameter_deviations') }}
),

year_effects as (
    select * from {{ ref('int_year_effects') }}
),

years as (
    select unnest(range(start_year, end_year + 1)) as simulation_year
    from {{ ref('stg_control') }}
)

select
    deviations.parameter_replicate as replicate,
    cast(years.simulation_year as integer) as simulation_year,
    'parameters' as source,
    deviations.parameter as name,
    deviations.rate,
    deviations.cause,
    deviations.attribute,
    deviations.value,
    deviations.log_deviation as log_effect
from deviations
cross join years
union all
select
    parameter_replicate as replicate,
    cast(simulation_year as integer) as simulation_year,
    'years' as source,
    rate as name,
    rate,
    null as cause,
    null as attribute,
    null as value,
    log_effect
from year_effects
