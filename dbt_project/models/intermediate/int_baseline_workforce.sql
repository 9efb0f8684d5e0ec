-- The census as the opening state of every path: rows exist only while the year before start_year is built.
with census as (
    select * from {{ ref('stg_census') }}
),

paths as (
    select * from {{ ref('stg_paths') }}
),

control as (
    select * from {{ ref('stg_control') }}
)

select
    paths.scenario_id,
    paths.replicate,
    control.simulation_year,
    census.*,
    {{ completed_years('census.birth_date', 'control.fiscal_year_start') }} as age,
    {{ completed_years('census.hire_date', 'control.fiscal_year_start') }} as tenure
from census
cross join paths
cross join control
where control.simulation_year = control.start_year - 1
