-- Time taken and time limit of each year, and of the run so far.
with sla as (
    select * from {{ source('inputs', 'sla') }}
),

steps as (
    select
        simulation_year,
        seconds
    from {{ source('operations', 'step_log') }}
    -- models and tests are part of the step `dbt build`
    where step not like 'model %' and step not like 'test %'
),

taken as (
    select
        concat('year ', simulation_year) as subject,
        simulation_year,
        'sla.year_seconds' as setting,
        sum(seconds) as seconds
    from steps
    where simulation_year is not null
    group by simulation_year
    union all
    select
        'run' as subject,
        null as simulation_year,
        'sla.run_seconds' as setting,
        sum(seconds) as seconds
    from steps
)

select
    taken.subject,
    taken.simulation_year,
    taken.setting,
    taken.seconds,
    case taken.setting when 'sla.run_seconds' then sla.run_seconds else sla.year_seconds end as limit_seconds,
    taken.seconds <= limit_seconds as is_within_limit
from taken
cross join sla
where taken.seconds is not null
