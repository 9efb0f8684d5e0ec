-- The year's hires. Each has a number and a level; draws assign the combination of dimensions, age, hire date
-- and salary.
{{ config(materialized='year_table', tags=['year']) }}

with numbered as (
    select
        seats.scenario_id,
        seats.replicate,
        seats.level,
        paths.draw_key,
        printf(
            'H%d-%07d',
            paths.simulation_year,
            row_number() over (partition by seats.scenario_id, seats.replicate order by seats.level)
        ) as employee_id
    from (
        select
            *,
            unnest(range(apportioned)) as nth
        from {{ ref('int_hires_by_level') }}
    ) as seats
    inner join {{ ref('stg_paths') }} as paths
        on seats.scenario_id = paths.scenario_id and seats.replicate = paths.replicate
),

combination_seats as (
    select
        *,
        row_number() over (partition by scenario_id, replicate order by combination_id) as seat
    from (
        select
            *,
            unnest(range(apportioned)) as nth
        from {{ ref('int_hires_by_combination') }}
    )
),

drawn as (
    select
        *,
        {{ draw('hire_age') }} as age_draw,
        {{ draw('hire_birthday') }} as birthday_draw,
        {{ draw('hire_date') }} as date_draw,
        {{ draw('hire_salary') }} as salary_draw,
        row_number() over (
            partition by scenario_id, replicate order by {{ draw('hire_dimensions') }}, employee_id
        ) as combination_seat
    from numbered
)

select
    drawn.scenario_id,
    drawn.replicate,
    drawn.employee_id,
    drawn.draw_key,
    drawn.level,
    combination_seats.combination_id,
    make_date(control.simulation_year - hire_ages.age, 1, 1)
    - cast(floor(drawn.birthday_draw * 365) as integer) as birth_date,
    -- at most 30 December: a hire can leave within the year, but only after the hire date
    control.year_start + cast(floor(drawn.date_draw * (control.days_in_year - 1)) as integer) as hire_date,
    cast(
        round(
            levels.min_salary
            + cast(drawn.salary_draw as decimal(7, 6)) * (levels.max_salary - levels.min_salary), 2
        ) as decimal(14, 2)
    ) as salary
from drawn
cross join {{ ref('stg_control') }} as control
inner join combination_seats
    on
        drawn.scenario_id = combination_seats.scenario_id
        and drawn.replicate = combination_seats.replicate
        and drawn.combination_seat = combination_seats.seat
inner join {{ ref('stg_levels') }} as levels on drawn.scenario_id = levels.scenario_id and drawn.level = levels.level
inner join {{ ref('stg_hire_ages') }} as hire_ages
    on
        drawn.scenario_id = hire_ages.scenario_id
        and drawn.age_draw >= hire_ages.weight_from
        and drawn.age_draw < hire_ages.weight_to
