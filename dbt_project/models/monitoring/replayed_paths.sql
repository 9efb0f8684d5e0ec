-- The events of the year, replayed over the opening snapshot, beside the closing one: employees and the sum of
-- their row hashes per path. Sums of hashes spare a join of every employee; check_faults names the employees
-- where they differ.
with replayed_by_path as (
    select
        scenario_id,
        replicate,
        count(*) as employees,
        count(*) filter (where entries = 0) as orphans,
        count(*) filter (where entries > 1 or surplus_events > 0) as duplicates,
        sum(
            hash(
                employee_id,
                level,
                fte,
                combination_id,
                salary,
                cast(salary_by_changes as decimal(14, 2)),
                is_terminated
            )
        ) as row_hashes
    from {{ ref('replayed_employees') }}
    group by scenario_id, replicate
),

snapshot_by_path as (
    select
        snapshot.scenario_id,
        snapshot.replicate,
        count(*) as employees,
        sum(
            hash(
                snapshot.employee_id,
                snapshot.level,
                snapshot.fte,
                snapshot.combination_id,
                snapshot.salary,
                snapshot.salary,
                snapshot.employment_status = 'terminated'
            )
        ) as row_hashes
    from {{ ref('int_workforce_snapshot') }} as snapshot
    inner join {{ ref('stg_control') }} as control on snapshot.simulation_year = control.simulation_year
    group by snapshot.scenario_id, snapshot.replicate
)

select
    coalesce(replayed.scenario_id, closing.scenario_id) as scenario_id,
    coalesce(replayed.replicate, closing.replicate) as replicate,
    coalesce(replayed.employees, 0) as replayed_employees,
    coalesce(closing.employees, 0) as snapshot_employees,
    replayed.orphans,
    replayed.duplicates,
    coalesce(
        replayed.employees = closing.employees and replayed.row_hashes = closing.row_hashes, false
    ) as is_equal
from replayed_by_path as replayed
full outer join snapshot_by_path as closing
    on replayed.scenario_id = closing.scenario_id and replayed.replicate = closing.replicate
