-- FTE of the year under simulation: of everyone in the snapshot and before and after each event above 0 and at most
-- 1, and the sum in the last month as the year's.
with snapshot as (
    select
        scenario_id,
        replicate,
        min(fte) as lowest,
        max(fte) as highest
    from {{ rows_this_year(ref('int_workforce_snapshot')) }}
    group by scenario_id, replicate
),

events as (
    select
        scenario_id,
        replicate,
        least(min(fte_before), min(fte_after)) as lowest,
        greatest(max(fte_before), max(fte_after)) as highest
    from {{ rows_this_year(ref('int_workforce_events')) }}
    group by scenario_id, replicate
),

months as (
    select
        scenario_id,
        replicate,
        sum(fte) as fte
    from {{ rows_this_year(ref('int_month_summary')) }}
    where month = {{ last_month() }}
    group by scenario_id, replicate
),

compared as (
    select
        summary.scenario_id,
        summary.replicate,
        coalesce(least(snapshot.lowest, events.lowest) > 0, true)
        and coalesce(greatest(snapshot.highest, events.highest) <= 1, true)
        and summary.ending_fte = coalesce(months.fte, 0) as is_in_range,
        concat(
            'snapshot ', snapshot.lowest, ' to ', snapshot.highest, ', events ', events.lowest, ' to ', events.highest,
            '; ', coalesce(months.fte, 0), ' in the last month, ', summary.ending_fte, ' at the end of the year'
        ) as found
    from {{ rows_this_year(ref('fct_year_summary')) }} as summary
    left join snapshot on summary.scenario_id = snapshot.scenario_id and summary.replicate = snapshot.replicate
    left join events on summary.scenario_id = events.scenario_id and summary.replicate = events.replicate
    left join months on summary.scenario_id = months.scenario_id and summary.replicate = months.replicate
)

{{ check_rows('compared', [
    ('fte_in_range', 'is_in_range', 'every FTE above 0 and at most 1, their sum in the last month as at the end of the year', 'found')
]) }}
