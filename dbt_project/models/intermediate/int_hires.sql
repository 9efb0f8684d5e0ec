-- The year's hires: numbered, paired by a draw with the combinations' seats, and given an age, a
-- date and pay by draws.
{{ config(materialized='year_table', tags=['year']) }}

with control as (
    select * from {{ ref('stg_control') }}
),

paths as (
    select * from {{ ref('stg_paths') }}
),

levels as (
    select * from {{ ref('stg_levels') }}
),

hire_ages as (
    select * from {{ ref('stg_hire_ages') }}
),

level_seats as (
    select
        scenario_id,
        replicate,
        level,
        row_number() over (partition by scenario_id, replicate order by level) as seat
    from (
        select
            scenario_id,
            replicate,
            level,
            unnest(range(apportioned)) as nth
        from {{ ref('int_hires_by_level') }}
    )
),

combination_seats as (
    select
        scenario_id,
        replicate,
        combination_id,
        row_number() over (partition by scenario_id, replicate order by combination_id) as seat
    from (
        select
            scenario_id,
            replicate,
            combination_id,
            unnest(range(apportioned)) as nth
        from {{ ref('int_hires_by_combination') }}
    )
),

numbered as (
    select
        level_seats.scenario_id,
        level_seats.replicate,
        level_seats.level,
        paths.draw_key,
        printf('H%d-%07d', paths.simulation_year, level_seats.seat) as employee_id
    from level_seats
    inner join paths on level_seats.scenario_id = paths.scenario_id and level_seats.replicate = paths.replicate
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
    -- up to 30 December: who is hired may leave in the year, and only after the day of hire
    control.year_start + cast(floor(drawn.date_draw * (control.days_in_year - 1)) as integer) as hire_date,
    cast(
        round(
            levels.min_salary
            + cast(drawn.salary_draw as decimal(7, 6)) * (levels.max_salary - levels.min_salary), 2
        ) as decimal(14, 2)
    ) as salary
from drawn
cross join control
inner join combination_seats
    on
        drawn.scenario_id = combination_seats.scenario_id
        and drawn.replicate = combination_seats.replicate
        and drawn.combination_seat = combination_seats.seat
inner join levels on drawn.scenario_id = levels.scenario_id and drawn.level = levels.level
inner join hire_ages
    on
        drawn.scenario_id = hire_ages.scenario_id
        and drawn.age_draw >= hire_ages.weight_from
        and drawn.age_draw < hire_ages.weight_to
