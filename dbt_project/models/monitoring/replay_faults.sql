-- Employees whose replayed state differs from the closing row of the snapshot. Read by check_faults only, after
-- a check was violated.
with closing as (
    select * from {{ rows_this_year(ref('int_workforce_snapshot')) }}
),

compared as (
    select
        coalesce(replayed.scenario_id, closing.scenario_id) as scenario_id,
        coalesce(replayed.replicate, closing.replicate) as replicate,
        coalesce(replayed.employee_id, closing.employee_id) as employee_id,
        coalesce(replayed.salary_by_changes <> closing.salary, true) as has_other_pay,
        case
            when replayed.employee_id is null then 'in the snapshot, but in no opening and no event'
            when closing.employee_id is null then 'in events or opening, but not in the snapshot'
            else concat(
                'replayed level ', replayed.level, ', FTE ', replayed.fte, ', combination ', replayed.combination_id,
                ', salary ', replayed.salary,
                ', opening and changes ', replayed.salary_by_changes,
                case when replayed.is_terminated then ', left' else '' end,
                '; snapshot level ', closing.level, ', FTE ', closing.fte, ', combination ', closing.combination_id,
                ', salary ', closing.salary, ', ', closing.employment_status
            )
        end as fault,
        replayed.employee_id is null
        or closing.employee_id is null
        or replayed.level <> closing.level
        or replayed.fte <> closing.fte
        or replayed.combination_id <> closing.combination_id
        or replayed.salary <> closing.salary
        or replayed.salary_by_changes <> closing.salary
        or replayed.is_terminated <> (closing.employment_status = 'terminated') as is_fault
    from {{ ref('replayed_employees') }} as replayed
    full outer join closing
        on
            replayed.scenario_id = closing.scenario_id
            and replayed.replicate = closing.replicate
            and replayed.employee_id = closing.employee_id
)

select
    'replay_identity' as check_name,
    scenario_id,
    replicate,
    employee_id,
    fault
from compared
where is_fault
union all
select
    'payroll_identity' as check_name,
    scenario_id,
    replicate,
    employee_id,
    fault
from compared
where has_other_pay
