-- Everyone employed in the year with the merit raise: its date, for those hired before the cut-off and employed on
-- it, and its weight by the level held then, varied by a draw. Grain: path and employee.
with employed as (
    select * from {{ ref(changes_before('int_merits')) }}
),

dates as (
    select * from {{ ref('stg_effective_dates') }}
    where raise_type = 'merit'
),

dated as (
    select
        employed.*,
        case
            when
                employed.hire_date < employed.eligibility_cutoff
                and {{ is_reached('dates.effective_date', 'employed') }}
                then dates.effective_date
        end as merit_date
    from employed
    inner join dates
        on
            employed.scenario_id = dates.scenario_id
            and {{ falls_on_date('merit', 'employed', 'dates') }}
),

held as (
    select
        *,
        {{ level_on('merit_date', type='merit', employee='dated') }} as merit_level
    from dated
)

select
    held.*,
    case
        when held.merit_date is not null
            then
                cast(
                    cast(levels.merit_multiplier as double)
                    * (1 + cast(parameters.merit_spread as double) * (2 * {{ draw('merit') }} - 1))
                    as decimal(10, 6)
                )
    end as merit_weight
from held
inner join {{ ref('stg_parameters') }} as parameters on held.scenario_id = parameters.scenario_id
inner join {{ ref('stg_levels') }} as levels
    on held.scenario_id = levels.scenario_id and held.merit_level = levels.level
