-- Cost of an employee beyond pay, by level, in the year under simulation.
with rates as (
    select * from {{ source('inputs', 'cost_rates') }}
),

control as (
    select * from {{ ref('stg_control') }}
)

select rates.* exclude (simulation_year) -- noqa: RF02
from rates
inner join control on rates.simulation_year = control.simulation_year
