-- The rates of the year under simulation; growth and given hires are those of its simulated part, or of the whole year
-- where it is known what has happened before. Rates that are drawn with uncertain assumptions are yearly here:
-- int_parameters adapts them.
with parameters as (
    select * from {{ source('inputs', 'yearly_parameters') }}
),

control as (
    select * from {{ ref('stg_control') }}
)

select
    parameters.* replace (
        {{ growth_in_part_of_year('parameters.target_growth_rate', 'control.target_fraction') }} as target_growth_rate,
        {{ round_half_up('parameters.hires * control.target_fraction') }} as hires
    )
from parameters
inner join control on parameters.simulation_year = control.simulation_year
