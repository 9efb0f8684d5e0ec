-- The effective termination hazard of the year: as looked up, or in mode `expected` scaled to the target.
with exposure as (
    select * from {{ ref('int_exposure') }}
),

scaling as (
    select * from {{ ref('int_hazard_scaling') }}
),

parameters as (
    select * from {{ ref('stg_parameters') }}
),

scaled as (
    select
        exposure.* exclude (termination_hazard),
        parameters.mode = 'expected' as is_expected,
        case
            when parameters.mode = 'exact' then exposure.termination_hazard
            when exposure.termination_hazard = 0 then scaling.unexposed_hazard
            else least(1.0, coalesce(scaling.factor * exposure.termination_hazard, 1.0))
        end as termination_hazard
    from exposure
    inner join parameters on exposure.scenario_id = parameters.scenario_id
    left join scaling on exposure.scenario_id = scaling.scenario_id and exposure.replicate = scaling.replicate
)

select
    *,
    is_expected and termination_draw < termination_hazard as leaves_by_draw
from scaled
