-- The rates of the year under simulation.
with parameters as (
    select * from {{ source('inputs', 'yearly_parameters') }}
),

control as (
    select * from {{ ref('stg_control') }}
)

select parameters.*
from parameters
inner join control on parameters.simulation_year = control.simulation_year
