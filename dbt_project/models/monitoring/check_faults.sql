-- Employees at fault, for the checks that compare sums over employees. It compares every employee, so it is read
-- only after such a check was violated, and for that check alone.
with duplicates as (
    select
        scenario_id,
        replicate,
        employee_id
    from {{ rows_this_year(ref('int_workforce_snapshot')) }}
    group by scenario_id, replicate, employee_id
    having count(*) > 1
),

incomplete as (
    select *
    from {{ ref('replayed_employees') }}
    where entries = 0 or surplus_events > 0
)

select
    'baseline_workforce_validated' as check_name,
    baseline_faults.*
from {{ ref('baseline_faults') }} as baseline_faults
union all
select * from {{ ref('replay_faults') }}
union all
select
    'assert_year_complete' as check_name,
    scenario_id,
    replicate,
    employee_id,
    case
        when entries = 0 then 'has events, but was neither employed nor hired'
        else concat(surplus_events, ' events too many')
    end as fault
from incomplete
union all
select
    'assert_year_complete' as check_name,
    scenario_id,
    replicate,
    employee_id,
    'in the snapshot more than once' as fault
from duplicates
