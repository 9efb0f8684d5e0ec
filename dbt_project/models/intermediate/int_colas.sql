-- Everyone employed in the year with their cost-of-living adjustment: for those hired before the cut-off and employed
-- on the date. Grain: path and employee.
with employed as (
    select * from {{ ref(changes_before('int_colas')) }}
),

dates as (
    select * from {{ ref('stg_effective_dates') }}
    where raise_type = 'cola'
)

select
    employed.*,
    drawn.cola_rate,
    parameters.eligibility_cutoff,
    -- the day of pay reviews, also for those who get no COLA
    dates.effective_date as review_date,
    case
        when employed.hire_date < parameters.eligibility_cutoff and {{ is_reached('dates.effective_date', 'employed') }}
            then dates.effective_date
    end as cola_date
from employed
inner join {{ ref('stg_parameters') }} as parameters on employed.scenario_id = parameters.scenario_id
inner join {{ ref('int_parameters') }} as drawn
    on employed.scenario_id = drawn.scenario_id and employed.replicate = drawn.replicate
inner join dates
    on
        employed.scenario_id = dates.scenario_id
        and {{ falls_on_date('cola', 'employed', 'dates') }}
