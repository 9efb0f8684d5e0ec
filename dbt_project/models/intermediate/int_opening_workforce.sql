-- The employees when the year under simulation opens: last year's closing active rows. They are read from
-- int_workforce_snapshot, but as a source: that model depends on this one, and a ref would be a cycle.
{{ config(pre_hook="{{ create_empty_if_absent('int_workforce_snapshot') }}") }}

with closing as (
    select * from {{ source('state', 'earlier_snapshots') }}
),

paths as (
    select * from {{ ref('stg_paths') }}
)

select
    closing.scenario_id,
    closing.replicate,
    paths.simulation_year,
    paths.draw_key,
    closing.employee_id,
    closing.combination_id,
    closing.birth_date,
    closing.hire_date,
    closing.level,
    closing.salary,
    closing.fte
from closing
inner join paths
    on
        closing.scenario_id = paths.scenario_id
        and closing.replicate = paths.replicate
        and closing.simulation_year = paths.simulation_year - 1
where closing.employment_status = 'active'
