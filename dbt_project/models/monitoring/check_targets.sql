-- Segments of the year under simulation: the headcount at which each closes, beside its target.
with quotas as (
    select * from {{ ref('int_year_quotas') }}
),

segments as (
    select
        summary.scenario_id,
        summary.replicate,
        parameters.mode,
        concat(
            'segment ', summary.segment, ' closes at ', summary.ending_headcount, ', target ', summary.target_headcount,
            ' (', quotas.hires, ' hires, of them ', quotas.known_hires, ' known; ', quotas.reductions, ' reductions)'
        ) as closing,
        parameters.mode <> 'exact'
        or summary.target_headcount is null
        or quotas.known_hires > quotas.hire_quota
        or summary.ending_headcount = summary.target_headcount as is_on_target
    from {{ rows_this_year(ref('fct_segment_summary')) }} as summary
    inner join quotas
        on
            summary.scenario_id = quotas.scenario_id
            and summary.replicate = quotas.replicate
            and summary.segment = quotas.segment
    inner join {{ ref('stg_parameters') }} as parameters on summary.scenario_id = parameters.scenario_id
)

{{ check_rows('segments', [
    ('segments_on_target', 'is_on_target', 'in mode exact each segment closes at its target, unless known hires exceed it',
        'closing')
]) }}
