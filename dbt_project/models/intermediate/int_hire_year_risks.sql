-- Employees of the opening workforce who were hired in the part of the fiscal year before the opening date, with the
-- probability that they leave by the higher risk of the year of hire if they do not leave as experienced. Only a stub
-- year has rows. In a whole year a hire is exposed for half of it on average, these are exposed for all of the stub, so
-- that of those who stay at the rate t a further 1 - (1 - r)^2 / (1 - t) leaves; t is 0 of those who cannot leave as
-- experienced. Grain: path and employee.
select
    hazards.scenario_id,
    hazards.replicate,
    hazards.employee_id,
    hazards.draw_key,
    hazards.segment,
    parameters.mode,
    {{ draw('new_hire_termination', 'hazards.draw_key', 'hazards.employee_id') }} as hire_year_draw,
    1 - pow(1 - cast(parameters.new_hire_termination_rate as double), 2) as risk,
    case
        when hazards.is_outside_quota then 0
        when parameters.mode = 'exact' then cast(pools.termination_rate as double)
        else hazards.termination_hazard
    end as experienced_risk,
    -- nine decimals: the rates have twelve, and R(n x hazard) may be of a half
    case
        when risk <= experienced_risk then 0 else round(1 - (1 - risk) / (1 - experienced_risk), 9)
    end as hire_year_hazard
from {{ ref('int_termination_hazards') }} as hazards
inner join {{ ref('stg_control') }} as control
    on
        hazards.hire_date >= control.fiscal_year_start
        and hazards.hire_date < control.year_start
inner join {{ ref('int_parameters') }} as parameters
    on hazards.scenario_id = parameters.scenario_id and hazards.replicate = parameters.replicate
inner join {{ ref('int_termination_pools') }} as pools
    on
        hazards.scenario_id = pools.scenario_id
        and hazards.replicate = pools.replicate
        and hazards.termination_pool = pools.termination_pool
where hazards.known_leave_date is null
