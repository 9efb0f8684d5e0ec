-- Everyone employed in the year with the adjustment to the minimum of their level, where the settings enforce it: on
-- the day of the COLA, before it, for all who are employed then. Grain: path and employee.
with employed as (
    select * from {{ ref(changes_before('int_adjustments')) }}
),

parameters as (
    select * from {{ ref('stg_parameters') }}
    where enforce_minimum
)

select
    employed.*,
    case
        when parameters.scenario_id is not null and {{ is_reached('employed.review_date') }} then employed.review_date
    end as adjustment_date,
    {{ times_rate('levels.min_salary', fte_on('employed.review_date')) }} as adjustment_floor
from employed
left join parameters on employed.scenario_id = parameters.scenario_id
left join {{ ref('stg_levels') }} as levels
    on
        parameters.scenario_id = levels.scenario_id
        and levels.level = {{ level_on('employed.review_date', type='adjustment', employee='employed') }}
