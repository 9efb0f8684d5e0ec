-- The opening workforce with the promotion that each employee gets if still employed on the date: a known one, or
-- one drawn by the promotion hazard. A drawn promotion leads one level up; the raise is drawn.
with leaving as (
    select * from {{ ref('int_experienced_terminations') }}
),

known as (
    select * from {{ ref('int_known_promotions') }}
),

levels as (
    select * from {{ ref('stg_levels') }}
),

dates as (
    select * from {{ ref('stg_effective_dates') }}
    where raise_type = 'promotion'
),

promoted as (
    select
        leaving.*,
        known.promotion_date is not null as is_known_promotion,
        known.promotion_salary,
        coalesce(
            known.promotion_date,
            case when leaving.promotion_draw < leaving.promotion_hazard then dates.effective_date end
        ) as promotion_date,
        coalesce(known.promoted_level, least(leaving.level + 1, levels.top_level)) as promoted_level
    from leaving
    inner join levels on leaving.scenario_id = levels.scenario_id and leaving.level = levels.level
    inner join dates
        on
            leaving.scenario_id = dates.scenario_id
            and {{ falls_on_date('promotion', 'leaving', 'dates') }}
    left join known
        on
            leaving.scenario_id = known.scenario_id
            and leaving.replicate = known.replicate
            and leaving.employee_id = known.employee_id
)

select
    * replace (
        case when not is_known_promotion then promotion_hazard end as promotion_hazard,
        case when not is_known_promotion then promotion_draw end as promotion_draw
    ),
    {{ is_reached('promotion_date') }} as is_reached_by_promotion
from promoted
