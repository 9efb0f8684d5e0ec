-- The opening state of each path compared with the census: headcount, payroll and every row, by level.
with control as (
    select * from {{ ref('stg_control') }}
),

census as (
    select
        level,
        termination_date is null as is_active,
        count(*) as employees,
        sum(salary) as payroll,
        sum(hash(employee_id, birth_date, hire_date, termination_date, salary, fte, combination_id)) as row_hashes
    from {{ ref('stg_census') }}
    group by level, termination_date is null
),

opening as (
    select
        snapshot.scenario_id,
        snapshot.replicate,
        snapshot.level,
        snapshot.employment_status = 'active' as is_active,
        count(*) as employees,
        sum(snapshot.salary) as payroll,
        sum(
            hash(
                snapshot.employee_id,
                snapshot.birth_date,
                snapshot.hire_date,
                snapshot.termination_date,
                snapshot.salary,
                snapshot.fte,
                snapshot.combination_id
            )
        ) as row_hashes
    from {{ ref('int_workforce_snapshot') }} as snapshot
    inner join control on snapshot.simulation_year = control.simulation_year
    group by snapshot.scenario_id, snapshot.replicate, snapshot.level, snapshot.employment_status = 'active'
),

expected as (
    select
        paths.scenario_id,
        paths.replicate,
        census.*
    from {{ ref('stg_paths') }} as paths
    cross join census
),

compared as (
    select
        coalesce(expected.scenario_id, opening.scenario_id) as scenario_id,
        coalesce(expected.replicate, opening.replicate) as replicate,
        concat(
            'level ', coalesce(expected.level, opening.level),
            case when not coalesce(expected.is_active, opening.is_active) then ' (left)' else '' end,
            ' has ', coalesce(opening.employees, 0), ' employees and ', coalesce(opening.payroll, 0),
            ', the census ', coalesce(expected.employees, 0), ' and ', coalesce(expected.payroll, 0)
        ) as found,
        coalesce(
            expected.employees = opening.employees
            and expected.payroll = opening.payroll
            and expected.row_hashes = opening.row_hashes, false
        ) as is_equal
    from expected
    full outer join opening
        on
            expected.scenario_id = opening.scenario_id
            and expected.replicate = opening.replicate
            and expected.level = opening.level
            and expected.is_active = opening.is_active
)

{{ check_rows('compared', [
    ('baseline_workforce_validated', 'is_equal', 'headcount, payroll and every employee of each level as in the census', 'found')
]) }}
