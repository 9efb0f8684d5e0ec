-- The year is there and whole: every path has its rows in each table, no employee and no event is there
-- twice, and no event is of somebody who was neither employed nor hired. And the events of the year,
-- replayed over the opening snapshot, give the closing one: per employee the last salary and level told, the
-- opening salary plus all changes, and whether employed. Both sides are compared as sums of row hashes per
-- path, which spares a join of every employee; check_faults names the employees where they differ.
with control as (
    select * from {{ ref('stg_control') }}
),

told as (
    select
        opening.scenario_id,
        opening.replicate,
        opening.employee_id,
        0 as event_sequence,
        opening.level,
        opening.salary,
        opening.salary as change,
        false as is_termination,
        true as is_source
    from {{ source('state', 'earlier_snapshots') }} as opening
    inner join control on opening.simulation_year = control.simulation_year - 1
    where opening.employment_status = 'active'
    union all
    select
        events.scenario_id,
        events.replicate,
        events.employee_id,
        events.event_sequence,
        coalesce(events.level_after, events.level_before) as level,
        coalesce(events.salary_after, events.salary_before) as salary,
        coalesce(events.salary_after, events.salary_before) - coalesce(events.salary_before, 0) as change,
        events.event_type = 'termination' as is_termination,
        events.event_type = 'hire' as is_source
    from {{ ref('fct_workforce_events') }} as events
    inner join control on events.simulation_year = control.simulation_year
),

replayed as (
    select
        scenario_id,
        replicate,
        employee_id,
        arg_max(level, event_sequence) as level,
        arg_max(salary, event_sequence) as salary,
        sum(change) as salary_by_changes,
        bool_or(is_termination) as is_terminated,
        count(*) filter (where is_source) as sources,
        count(*) filter (where event_sequence > 0) - max(event_sequence) as surplus_events
    from told
    group by scenario_id, replicate, employee_id
),

replayed_paths as (
    select
        scenario_id,
        replicate,
        count(*) as employees,
        count(*) filter (where sources = 0) as orphans,
        count(*) filter (where sources > 1 or surplus_events > 0) as doubles,
        sum(hash(employee_id, level, salary, cast(salary_by_changes as decimal(14, 2)), is_terminated)) as row_hashes
    from replayed
    group by scenario_id, replicate
),

snapshot_paths as (
    select
        snapshot.scenario_id,
        snapshot.replicate,
        count(*) as employees,
        sum(
            hash(
                snapshot.employee_id,
                snapshot.level,
                snapshot.salary,
                snapshot.salary,
                snapshot.employment_status = 'terminated'
            )
        ) as row_hashes
    from {{ ref('int_workforce_snapshot') }} as snapshot
    inner join control on snapshot.simulation_year = control.simulation_year
    group by snapshot.scenario_id, snapshot.replicate
),

-- rows of each path in the tables of the year that are made from the snapshot
partitions as (
    {% for model in ['fct_year_summary', 'fct_level_summary', 'fct_hire_cohorts', 'int_month_summary'] %}
    select distinct
        '{{ model }}' as table_name,
        scenario_id,
        replicate
    from {{ rows_this_year(ref(model)) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

summary as (
    select
        scenario_id,
        replicate,
        count(*) as rows_of_summary,
        max(opening_headcount + hires) as employed
    from {{ rows_this_year(ref('fct_year_summary')) }}
    group by scenario_id, replicate
),

tables_by_path as (
    select
        scenario_id,
        replicate,
        count(*) as tables_present
    from partitions
    group by scenario_id, replicate
),

complete as (
    select
        paths.scenario_id,
        paths.replicate,
        coalesce(
            summary.rows_of_summary = 1
            and summary.employed = coalesce(snapshot_paths.employees, 0)
            and (summary.employed = 0 or tables_by_path.tables_present = 4)
            and coalesce(replayed_paths.orphans = 0 and replayed_paths.doubles = 0, summary.employed = 0), false
        ) as is_complete,
        concat(
            coalesce(summary.rows_of_summary, 0), ' rows in the year summary, ',
            coalesce(snapshot_paths.employees, 0), ' of ', coalesce(summary.employed, 0),
            ' employees in the snapshot, ',
            coalesce(tables_by_path.tables_present, 0), ' of 4 summaries, ',
            coalesce(replayed_paths.orphans, 0), ' employees with events of nobody, ',
            coalesce(replayed_paths.doubles, 0), ' told twice'
        ) as found
    from {{ ref('stg_paths') }} as paths
    left join summary on paths.scenario_id = summary.scenario_id and paths.replicate = summary.replicate
    left join snapshot_paths
        on paths.scenario_id = snapshot_paths.scenario_id and paths.replicate = snapshot_paths.replicate
    left join replayed_paths
        on paths.scenario_id = replayed_paths.scenario_id and paths.replicate = replayed_paths.replicate
    left join tables_by_path
        on paths.scenario_id = tables_by_path.scenario_id and paths.replicate = tables_by_path.replicate
),

compared as (
    select
        coalesce(replayed_paths.scenario_id, snapshot_paths.scenario_id) as scenario_id,
        coalesce(replayed_paths.replicate, snapshot_paths.replicate) as replicate,
        coalesce(
            replayed_paths.employees = snapshot_paths.employees
            and replayed_paths.row_hashes = snapshot_paths.row_hashes, false
        ) as is_equal,
        concat(
            coalesce(replayed_paths.employees, 0), ' employees replayed, ',
            coalesce(snapshot_paths.employees, 0), ' in the closing snapshot'
        ) as found
    from replayed_paths
    full outer join snapshot_paths
        on
            replayed_paths.scenario_id = snapshot_paths.scenario_id
            and replayed_paths.replicate = snapshot_paths.replicate
)

{{ check_rows('complete', [
    ('assert_year_complete', 'is_complete',
        'rows of every scenario and replicate in each table, each key once, no event of nobody', 'found')
]) }}
union all
{{ check_rows('compared', [
    ('replay_identity', 'is_equal', 'events replayed over the opening snapshot give the closing one', 'found')
]) }}
