-- The opening workforce with the termination hazards that apply: in modes `exact` and `rates` those of int_exposure, in
-- mode `expected` scaled to the target. In the latter two modes a draw decides who leaves. Who is outside the quota
-- leaves by the risk of the year of hire alone.
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
        {{ is_outside_quota('exposure') }} as is_outside_quota,
        parameters.mode <> 'exact' and not is_outside_quota as is_drawn,
        case
            when parameters.mode <> 'expected' then exposure.termination_hazard
            when exposure.termination_hazard = 0 then scaling.unexposed_hazard
            else least(1.0, coalesce(scaling.factor * exposure.termination_hazard, 1.0))
        end as termination_hazard
    from exposure
    cross join {{ ref('stg_control') }} as control
    inner join parameters on exposure.scenario_id = parameters.scenario_id
    left join scaling
        on
            exposure.scenario_id = scaling.scenario_id
            and exposure.replicate = scaling.replicate
            and exposure.termination_pool = scaling.termination_pool
)

select
    * exclude (is_drawn),
    known_leave_date is not null as is_known_leaver,
    known_leave_date is not null or (is_drawn and termination_draw < termination_hazard) as is_sure_to_leave
from scaled
