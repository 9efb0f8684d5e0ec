-- Target growth of every year of the run; of a stub year that of its simulated part, unless past lists show what
-- happened before. Null if growth is no target.
select
    parameters.scenario_id,
    parameters.simulation_year,
    case
        when not parameters.has_growth_target then null
        when parameters.simulation_year = control.start_year
            then {{ growth_in_part_of_year('parameters.target_growth_rate', 'control.first_target_fraction') }}
        else parameters.target_growth_rate
    end as target_growth_rate
from {{ source('inputs', 'yearly_parameters') }} as parameters
cross join {{ ref('stg_control') }} as control
