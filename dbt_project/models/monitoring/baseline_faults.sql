-- Employees whose row in the opening state differs from the census. Read by check_faults only, after a check was
-- violated.
with census as (
    select
        paths.scenario_id,
        paths.replicate,
        census.*
    from {{ ref('stg_census') }} as census
    cross join {{ ref('stg_paths') }} as paths
),

closing as (
    select * from {{ rows_this_year(ref('int_workforce_snapshot')) }}
)

select
    coalesce(census.scenario_id, closing.scenario_id) as scenario_id,
    coalesce(census.replicate, closing.replicate) as replicate,
    coalesce(census.employee_id, closing.employee_id) as employee_id,
    case
        when census.employee_id is null then 'in the opening state, but not in the census'
        when closing.employee_id is null then 'in the census, but not in the opening state'
        else concat(
            'level ', closing.level, ', salary ', closing.salary, ', hired ', closing.hire_date,
            '; in the census level ', census.level, ', salary ', census.salary, ', hired ', census.hire_date
        )
    end as fault
from census
full outer join closing
    on
        census.scenario_id = closing.scenario_id
        and census.replicate = closing.replicate
        and census.employee_id = closing.employee_id
where
    hash(
        census.level,
        census.salary,
        census.fte,
        census.birth_date,
        census.hire_date,
        census.termination_date,
        census.combination_id
    ) <> hash(
        closing.level,
        closing.salary,
        closing.fte,
        closing.birth_date,
        closing.hire_date,
        closing.termination_date,
        closing.combination_id
    )
