-- Every hire, COLA, promotion, merit raise and termination. Grain: path, year, employee and type.
{{ config(materialized='year_append', tags=['year']) }}

-- Not materialised: each type reads the few columns it needs, of its own rows, in half the time.
with pay as not materialized (
    select * from {{ ref('int_year_pay') }}
),

hires as (
    select
        *,
        'hire' as event_type,
        null as event_reason,
        hire_date as event_date,
        1 as event_sequence,
        null as level_before,
        opening_level as level_after,
        null as salary_before,
        opening_salary as salary_after,
        null as hazard,
        null as draw
    from pay
    where is_hire
),

colas as (
    select
        *,
        'cola' as event_type,
        null as event_reason,
        cola_date as event_date,
        cola_sequence as event_sequence,
        case when has_promotion and not cola_before_promotion then closing_level else opening_level end as level_before,
        case when has_promotion and not cola_before_promotion then closing_level else opening_level end as level_after,
        salary_before_cola as salary_before,
        salary_after_cola as salary_after,
        null as hazard,
        null as draw
    from pay
    where has_cola
),

promotions as (
    select
        *,
        'promotion' as event_type,
        null as event_reason,
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
        *,
        'merit' as event_type,
        null as event_reason,
        merit_date as event_date,
        merit_sequence as event_sequence,
        case when has_promotion and promotion_before_merit then closing_level else opening_level end as level_before,
        case when has_promotion and promotion_before_merit then closing_level else opening_level end as level_after,
        salary_before_merit as salary_before,
        salary_after_merit as salary_after,
        null as hazard,
        null as draw
    from pay
    where has_merit
),

terminations as (
    select
        *,
        'termination' as event_type,
        termination_reason as event_reason,
        termination_date as event_date,
        termination_sequence as event_sequence,
        closing_level as level_before,
        null as level_after,
        salary as salary_before,
        null as salary_after,
        termination_hazard as hazard,
        termination_draw as draw
    from pay
    where termination_reason is not null
),

{% set columns -%}
    scenario_id,
    replicate,
    simulation_year,
    employee_id,
    event_type,
    event_reason,
    event_date,
    event_sequence,
    level_before,
    level_after,
    salary_before,
    salary_after,
    hazard,
    draw
{%- endset %}
events as (
    {%- for type in ['hires', 'colas', 'promotions', 'merits', 'terminations'] %}
    select
        {{ columns }}
    from {{ type }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    *,
    cast(
        md5(concat(scenario_id, '|', replicate, '|', simulation_year, '|', employee_id, '|', event_type)) as uuid
    ) as event_id
from events
