-- Everyone employed on any day of a year, in their state at the end of it. Grain: path, year and employee.
-- The year before start_year holds the census.
{{ config(materialized='year_append', tags=['year']) }}

with simulated as (
    select
        scenario_id,
        replicate,
        simulation_year,
        employee_id,
        closing_combination_id as combination_id,
        case when termination_reason is null then 'active' else 'terminated' end as employment_status,
        birth_date,
        hire_date,
        termination_date,
        age,
        tenure,
        closing_level as level,
        closing_salary as salary,
        closing_fte as fte,
        {{ from_cents(prorate(cent_days('coalesce(termination_date, year_end)'), 'days_in_year')) }}
            as prorated_compensation
    from {{ ref('int_year_pay') }}
),

everyone as not materialized (
    select * from simulated
    union all by name
    select
        * exclude (level_inferred),
        case when termination_date is null then 'active' else 'terminated' end as employment_status
    from {{ ref('int_baseline_workforce') }}
),

-- Each band is looked up once per distinct age or tenure.
ages as (
    select distinct
        scenario_id,
        age
    from everyone
),

banded_ages as (
    select
        ages.*,
        age_bands.age_band
    from ages
    inner join {{ ref('stg_age_bands') }} as age_bands
        on ages.scenario_id = age_bands.scenario_id and {{ in_band('ages.age', 'age_bands') }}
),

tenures as (
    select distinct
        scenario_id,
        tenure
    from everyone
),

banded_tenures as (
    select
        tenures.*,
        tenure_bands.tenure_band
    from tenures
    inner join {{ ref('stg_tenure_bands') }} as tenure_bands
        on tenures.scenario_id = tenure_bands.scenario_id and {{ in_band('tenures.tenure', 'tenure_bands') }}
)

select
    everyone.*,
    banded_ages.age_band,
    banded_tenures.tenure_band
from everyone
inner join banded_ages on everyone.scenario_id = banded_ages.scenario_id and everyone.age = banded_ages.age
inner join banded_tenures
    on everyone.scenario_id = banded_tenures.scenario_id and everyone.tenure = banded_tenures.tenure
