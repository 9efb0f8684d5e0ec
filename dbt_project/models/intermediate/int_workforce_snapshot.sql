-- Everyone employed on any day of a year, as the year leaves them. Grain: path, year and employee.
-- The year before start_year holds the census.
{{ config(materialized='year_append', tags=['year']) }}

with pay as (
    select * from {{ ref('int_year_pay') }}
),

baseline as (
    select * from {{ ref('int_baseline_workforce') }}
),

age_bands as (
    select * from {{ ref('stg_age_bands') }}
),

tenure_bands as (
    select * from {{ ref('stg_tenure_bands') }}
),

employed as (
    select
        *,
        greatest(hire_date, year_start) as first_day,
        coalesce(termination_date, year_end) as last_day
    from pay
),

simulated as (
    select
        scenario_id,
        replicate,
        simulation_year,
        employee_id,
        combination_id,
        case when termination_reason is null then 'active' else 'terminated' end as employment_status,
        birth_date,
        hire_date,
        termination_date,
        age,
        tenure,
        closing_level as level,
        salary,
        -- each raise is paid from its date to the last day employed
        {{ prorate(
            cents('opening_salary') ~ ' * (last_day - first_day + 1)'
            ~ ' + case when has_cola then ' ~ cents('(salary_after_cola - salary_before_cola)') ~ ' * (last_day - cola_date + 1) else 0 end'
            ~ ' + case when has_promotion then ' ~ cents('(salary_after_promotion - salary_before_promotion)')
            ~ ' * (last_day - promotion_date + 1) else 0 end'
            ~ ' + case when has_merit then ' ~ cents('(salary_after_merit - salary_before_merit)') ~ ' * (last_day - merit_date + 1) else 0 end',
            'days_in_year'
        ) }} as prorated_cents
    from employed
),

everyone as not materialized (
    select
        * exclude (prorated_cents),
        {{ from_cents('prorated_cents') }} as prorated_compensation
    from simulated
    union all
    select
        scenario_id,
        replicate,
        simulation_year,
        employee_id,
        combination_id,
        case when termination_date is null then 'active' else 'terminated' end as employment_status,
        birth_date,
        hire_date,
        termination_date,
        age,
        tenure,
        level,
        salary,
        null as prorated_compensation
    from baseline
),

-- a band is looked up once for all who are of one age, or tenure
ages as (
    select
        ages.scenario_id,
        ages.age,
        age_bands.age_band
    from (
        select distinct
            everyone.scenario_id,
            everyone.age
        from everyone
    ) as ages
    inner join age_bands on ages.scenario_id = age_bands.scenario_id and {{ in_band('ages.age', 'age_bands') }}
),

tenures as (
    select
        tenures.scenario_id,
        tenures.tenure,
        tenure_bands.tenure_band
    from (
        select distinct
            everyone.scenario_id,
            everyone.tenure
        from everyone
    ) as tenures
    inner join tenure_bands
        on tenures.scenario_id = tenure_bands.scenario_id and {{ in_band('tenures.tenure', 'tenure_bands') }}
)

select
    everyone.*,
    ages.age_band,
    tenures.tenure_band
from everyone
inner join ages on everyone.scenario_id = ages.scenario_id and everyone.age = ages.age
inner join tenures on everyone.scenario_id = tenures.scenario_id and everyone.tenure = tenures.tenure
