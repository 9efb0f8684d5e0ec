-- The year's hires: known ones, and those that the targets ask for, each with a segment and a level; draws assign what
-- is not given: combination of dimensions, age, hire date, FTE and salary.
{{ config(materialized='year_table', database='work', tags=['year']) }}

with drawn as (
    select
        *,
        {{ draw('hire_age') }} as age_draw,
        {{ draw('hire_birthday') }} as birthday_draw,
        {{ draw('hire_date') }} as date_draw,
        {{ draw('hire_fte') }} as fte_draw,
        {{ draw('hire_salary') }} as salary_draw
    from {{ ref('int_hire_seats') }}
),

control as (
    select * from {{ ref('stg_control') }}
)

select
    drawn.scenario_id,
    drawn.replicate,
    drawn.employee_id,
    drawn.draw_key,
    drawn.segment,
    drawn.level,
    drawn.combination_id,
    drawn.known_leave_date,
    drawn.known_cause,
    make_date(year(control.fiscal_year_start) - hire_ages.age, control.fiscal_month, control.fiscal_day)
    - cast(floor(drawn.birthday_draw * 365) as integer) as birth_date,
    -- before the last day: a hire can leave within the year, but only after the hire date
    coalesce(
        drawn.hire_date,
        {{ day_in_season('control.year_start', '(control.year_end - 1)', 'drawn.date_draw', 'seasons.hire_months') }}
    ) as hire_date,
    coalesce(drawn.fte, fte_odds.fte) as fte,
    coalesce(
        drawn.salary,
        {{ times_rate(
            'cast(round(levels.min_salary + cast(drawn.salary_draw as decimal(7, 6))'
            ~ ' * (levels.max_salary - levels.min_salary), 2) as decimal(14, 2))',
            'coalesce(drawn.fte, fte_odds.fte)'
        ) }}
    ) as salary
from drawn
cross join control
inner join {{ ref('stg_levels') }} as levels on drawn.scenario_id = levels.scenario_id and drawn.level = levels.level
inner join {{ ref('stg_hire_ages') }} as hire_ages
    on
        drawn.scenario_id = hire_ages.scenario_id
        and drawn.age_draw >= hire_ages.weight_from
        and drawn.age_draw < hire_ages.weight_to
inner join {{ ref('int_fte_odds') }} as fte_odds
    on
        drawn.scenario_id = fte_odds.scenario_id
        and drawn.replicate = fte_odds.replicate
        and drawn.level = fte_odds.level
        and drawn.fte_draw * fte_odds.total_weight >= fte_odds.weight_from
        and drawn.fte_draw * fte_odds.total_weight < fte_odds.weight_to
left join {{ ref('stg_seasons') }} as seasons on drawn.scenario_id = seasons.scenario_id
