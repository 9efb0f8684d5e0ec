-- The year's raises as events: COLA, promotion and merit. Grain: path, employee and type.
-- Not materialised: each type reads only the columns and rows it needs, which takes half the time.
with pay as not materialized (
    select * from {{ ref('int_year_pay') }}
),

colas as (
    select
        scenario_id,
        replicate,
        simulation_year,
        employee_id,
        'cola' as event_type,
        cola_date as event_date,
        cola_sequence as event_sequence,
        case when has_promotion and not cola_before_promotion then closing_level else opening_level end as level_before,
        level_before as level_after,
        salary_before_cola as salary_before,
        salary_after_cola as salary_after,
        null as hazard,
        null as draw
    from pay
    where has_cola
),

promotions as (
    select
        scenario_id,
        replicate,
        simulation_year,
        employee_id,
        'promotion' as event_type,
        promotion_date as event_date,
        promotion_sequence as event_sequence,
        opening_level as level_before,
        closing_level as level_after,
        salary_before_promotion as salary_before,
        salary_after_promotion as salary_after,
        promotion_hazard as hazard,
        promotion_draw as draw
    from pay
    where has_promotion
),

merits as (
    select
        scenario_id,
        replicate,
        simulation_year,
        employee_id,
        'merit' as event_type,
        merit_date as event_date,
        merit_sequence as event_sequence,
        case when has_promotion and promotion_before_merit then closing_level else opening_level end as level_before,
        level_before as level_after,
        salary_before_merit as salary_before,
        salary_after_merit as salary_after,
        null as hazard,
        null as draw
    from pay
    where has_merit
)

select * from colas
union all by name
select * from promotions
union all by name
select * from merits
