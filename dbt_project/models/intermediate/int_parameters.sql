-- The rates of the year under simulation, as drawn for each path: the settings' where assumptions are certain. A share
-- stays within 0 and 1; the new-hire rate stays at or below 95 %, or the settings' rate if that is higher, since hires
-- are needed / (1 - rate); raises are never negative unless the settings' are. Termination rates are those of the
-- simulated part of the year. Grain: path.
with paths as (
    select * from {{ ref('stg_paths') }}
),

parameters as (
    select * from {{ ref('stg_parameters') }}
),

effects as (
    select
        parameter_replicate,
        coalesce(max(log_effect) filter (where rate_key = 'total_termination'), 0) as termination_effect,
        coalesce(max(log_effect) filter (where rate_key = 'new_hire_termination'), 0) as new_hire_effect,
        coalesce(max(log_effect) filter (where rate_key = 'cola'), 0) as cola_effect,
        coalesce(max(log_effect) filter (where rate_key = 'merit'), 0) as merit_effect
    from {{ ref('int_rate_effects') }}
    group by parameter_replicate
),

drawn as (
    select
        paths.replicate,
        parameters.*,
        coalesce(effects.termination_effect, 0) as termination_effect,
        coalesce(effects.new_hire_effect, 0) as new_hire_effect,
        coalesce(effects.cola_effect, 0) as cola_effect,
        coalesce(effects.merit_effect, 0) as merit_effect
    from paths
    inner join parameters on paths.scenario_id = parameters.scenario_id
    left join effects on paths.parameter_replicate = effects.parameter_replicate
)

select
    drawn.scenario_id,
    drawn.replicate,
    drawn.simulation_year,
    drawn.mode,
    drawn.merit_spread,
    drawn.termination_effect,
    {{ in_part_of_year(varied_rate('drawn.total_termination_rate', 'drawn.termination_effect')) }}
        as total_termination_rate,
    {{ varied_rate('drawn.total_termination_rate', 'drawn.termination_effect') }} as yearly_termination_rate,
    {{ in_part_of_year(
        varied_rate(
            'drawn.new_hire_termination_rate', 'drawn.new_hire_effect', 'greatest(0.95, drawn.new_hire_termination_rate)'
        )
    ) }} as new_hire_termination_rate,
    {{ varied_raise('drawn.cola_rate', 'drawn.cola_effect', 'least(0, drawn.cola_rate)', '1') }} as cola_rate,
    {{ varied_raise('drawn.merit_budget', 'drawn.merit_effect', '0', '1') }} as merit_budget
from drawn
cross join {{ ref('stg_control') }} as control
