-- Employees at fault, for those checks that compare sums over employees. Nothing reads this while all is
-- well: it is asked for one check, by name, once that is violated.
with control as (
    select * from {{ ref('stg_control') }}
),

closing as (
    select snapshot.*
    from {{ ref('int_workforce_snapshot') }} as snapshot
    inner join control on snapshot.simulation_year = control.simulation_year
),

opening as (
    select snapshot.*
    from {{ source('state', 'earlier_snapshots') }} as snapshot
    inner join control on snapshot.simulation_year = control.simulation_year - 1
    where snapshot.employment_status = 'active'
),

events as (
    select events.*
    from {{ ref('fct_workforce_events') }} as events
    inner join control on events.simulation_year = control.simulation_year
),

census as (
    select
        paths.scenario_id,
        paths.replicate,
        census.*
    from {{ ref('stg_census') }} as census
    cross join {{ ref('stg_paths') }} as paths
),

told as (
    select
        scenario_id,
        replicate,
        employee_id,
        arg_max(coalesce(level_after, level_before), event_sequence) as level,
        arg_max(coalesce(salary_after, salary_before), event_sequence) as salary,
        sum(coalesce(salary_after, salary_before) - coalesce(salary_before, 0)) as change,
        bool_or(event_type = 'termination') as is_terminated,
        count(*) filter (where event_type = 'hire') as hires,
        count(*) - max(event_sequence) as surplus_events
    from events
    group by scenario_id, replicate, employee_id
),

replayed as (
    select
        coalesce(opening.scenario_id, told.scenario_id) as scenario_id,
        coalesce(opening.replicate, told.replicate) as replicate,
        coalesce(opening.employee_id, told.employee_id) as employee_id,
        coalesce(told.level, opening.level) as level,
        coalesce(told.salary, opening.salary) as salary,
        coalesce(opening.salary, 0) + coalesce(told.change, 0) as salary_by_changes,
        coalesce(told.is_terminated, false) as is_terminated,
        coalesce(told.surplus_events, 0) as surplus_events,
        opening.employee_id is null and told.hires = 0 as is_orphan
    from opening
    full outer join told
        on
            opening.scenario_id = told.scenario_id
            and opening.replicate = told.replicate
            and opening.employee_id = told.employee_id
),

compared as (
    select
        coalesce(replayed.scenario_id, closing.scenario_id) as scenario_id,
        coalesce(replayed.replicate, closing.replicate) as replicate,
        coalesce(replayed.employee_id, closing.employee_id) as employee_id,
        replayed.is_orphan,
        replayed.surplus_events,
        coalesce(replayed.salary_by_changes <> closing.salary, true) as has_other_pay,
        case
            when replayed.employee_id is null then 'in the snapshot, but in no opening and no event'
            when closing.employee_id is null then 'told by events or opening, but not in the snapshot'
            else concat(
                'replayed level ', replayed.level, ', salary ', replayed.salary,
                ', opening and changes ', replayed.salary_by_changes,
                case when replayed.is_terminated then ', left' else '' end,
                '; snapshot level ', closing.level, ', salary ', closing.salary, ', ', closing.employment_status
            )
        end as fault,
        replayed.employee_id is null
        or closing.employee_id is null
        or replayed.level <> closing.level
        or replayed.salary <> closing.salary
        or replayed.salary_by_changes <> closing.salary
        or replayed.is_terminated <> (closing.employment_status = 'terminated') as is_fault
    from replayed
    full outer join closing
        on
            replayed.scenario_id = closing.scenario_id
            and replayed.replicate = closing.replicate
            and replayed.employee_id = closing.employee_id
),

twice as (
    select
        scenario_id,
        replicate,
        employee_id
    from closing
    group by scenario_id, replicate, employee_id
    having count(*) > 1
),

baseline as (
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
            census.birth_date,
            census.hire_date,
            census.termination_date,
            census.combination_id
        ) <> hash(
            closing.level,
            closing.salary,
            closing.birth_date,
            closing.hire_date,
            closing.termination_date,
            closing.combination_id
        )
)

select
    'baseline_workforce_validated' as check_name,
    baseline.*
from baseline
union all
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
union all
select
    'assert_year_complete' as check_name,
    scenario_id,
    replicate,
    employee_id,
    case
        when is_orphan then 'has events, but was neither employed nor hired'
        else concat(surplus_events, ' events too many')
    end as fault
from compared
where is_orphan or surplus_events > 0
union all
select
    'assert_year_complete' as check_name,
    scenario_id,
    replicate,
    employee_id,
    'in the snapshot more than once' as fault
from twice
