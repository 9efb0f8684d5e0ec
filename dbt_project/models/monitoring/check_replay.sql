-- Two checks of the year. It is complete: every path has its rows in each table, no employee and no event occurs
-- twice, and no event belongs to an employee who was neither employed nor hired. And its events, replayed over
-- the opening snapshot, give the closing one: last level and salary, opening salary plus all changes, and status.
with replayed as (
    select * from {{ ref('replayed_paths') }}
),

-- the paths in each table of the year that is derived from the snapshot
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

tables_by_path as (
    select
        scenario_id,
        replicate,
        count(*) as tables_present
    from partitions
    group by scenario_id, replicate
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

complete as (
    select
        paths.scenario_id,
        paths.replicate,
        coalesce(
            summary.rows_of_summary = 1
            and summary.employed = coalesce(replayed.snapshot_employees, 0)
            and (summary.employed = 0 or tables_by_path.tables_present = 4)
            and coalesce(replayed.orphans = 0 and replayed.duplicates = 0, summary.employed = 0), false
        ) as is_complete,
        concat(
            coalesce(summary.rows_of_summary, 0), ' rows in the year summary, ',
            coalesce(replayed.snapshot_employees, 0), ' of ', coalesce(summary.employed, 0),
            ' employees in the snapshot, ', coalesce(tables_by_path.tables_present, 0), ' of 4 summaries, ',
            coalesce(replayed.orphans, 0), ' employees with events but neither employed nor hired, ',
            coalesce(replayed.duplicates, 0), ' recorded twice'
        ) as found
    from {{ ref('stg_paths') }} as paths
    left join summary on paths.scenario_id = summary.scenario_id and paths.replicate = summary.replicate
    left join replayed on paths.scenario_id = replayed.scenario_id and paths.replicate = replayed.replicate
    left join tables_by_path
        on paths.scenario_id = tables_by_path.scenario_id and paths.replicate = tables_by_path.replicate
)

{{ check_rows('complete', [
    ('assert_year_complete', 'is_complete',
        'rows of every scenario and replicate in each table, each key once, each event of an employed person', 'found')
]) }}
union all
{{ check_rows('replayed', [
    ('replay_identity', 'is_equal', 'events replayed over the opening snapshot give the closing one',
        "replayed_employees, ' employees replayed, ', snapshot_employees, ' in the closing snapshot'")
]) }}
