-- Promotions of the year, which employees get if still employed on the date: known ones, and those drawn by the
-- promotion hazard. A promotion leads one level up unless an action gives the level, and never to the same level or a
-- lower one. Grain: path and employee.
with exposure as (
    select * from {{ ref('int_exposure') }}
),

known as (
    select * from {{ ref('int_known_promotions') }}
),

candidates as (
    select
        exposure.scenario_id,
        exposure.replicate,
        exposure.employee_id,
        exposure.draw_key,
        exposure.level,
        known.action_date as known_date,
        known.level as known_level,
        known.salary as promotion_salary,
        known.full_time_salary as promotion_full_time_salary
    from exposure
    left join known
        on
            exposure.scenario_id = known.scenario_id
            and exposure.replicate = known.replicate
            and exposure.employee_id = known.employee_id
    where exposure.promotion_draw < exposure.promotion_hazard or known.action_date is not null
)

select
    candidates.scenario_id,
    candidates.replicate,
    candidates.employee_id,
    coalesce(candidates.known_date, dates.effective_date) as promotion_date,
    coalesce(candidates.known_level, candidates.level + 1) as promoted_level,
    candidates.promotion_salary,
    candidates.promotion_full_time_salary,
    candidates.known_date is not null as is_known_promotion
from candidates
inner join {{ ref('stg_levels') }} as levels
    on candidates.scenario_id = levels.scenario_id and candidates.level = levels.level
inner join {{ ref('stg_effective_dates') }} as dates
    on
        candidates.scenario_id = dates.scenario_id
        and dates.raise_type = 'promotion'
        and {{ falls_on_date('promotion', 'candidates', 'dates') }}
where promotion_date is not null and promoted_level > candidates.level and promoted_level <= levels.top_level
