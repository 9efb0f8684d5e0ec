-- Targets of the year under simulation: the quotas of each path, the headcount at which each segment closes, and known
-- actions that ask for more than the targets.
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
        or summary.ending_headcount = summary.target_headcount as is_on_target,
        concat(
            'segment ', summary.segment, ': ', quotas.known_hires, ' known hires, its target asks for ',
            quotas.hire_quota
        ) as plan_figures,
        quotas.known_hires <= quotas.hire_quota as is_within_targets
    from {{ rows_this_year(ref('fct_segment_summary')) }} as summary
    inner join quotas
        on
            summary.scenario_id = quotas.scenario_id
            and summary.replicate = quotas.replicate
            and summary.segment = quotas.segment
    inner join {{ ref('stg_parameters') }} as parameters on summary.scenario_id = parameters.scenario_id
),

known_leaves as (
    select
        scenario_id,
        replicate,
        termination_pool,
        cast(sum(opening_headcount) as bigint) as employees,
        cast(sum(known_leaves) as bigint) as leaves
    from quotas
    group by scenario_id, replicate, termination_pool
),

plans as (
    select
        scenario_id,
        replicate,
        plan_figures,
        is_within_targets
    from segments
    union all
    select
        known_leaves.scenario_id,
        known_leaves.replicate,
        concat(
            known_leaves.leaves, ' known leaves of ', known_leaves.employees, ' employees ',
            case when known_leaves.termination_pool = 0 then 'that share the total rate' else 'of a segment' end,
            ', their turnover is ', {{ round_half_up('known_leaves.employees * pools.termination_rate') }}
        ) as plan_figures,
        -- without a target there is nothing to exceed
        pools.mode = 'rates'
        or known_leaves.leaves <= {{ round_half_up('known_leaves.employees * pools.termination_rate') }}
            as is_within_targets
    from known_leaves
    inner join {{ ref('int_termination_pools') }} as pools
        on known_leaves.scenario_id = pools.scenario_id and known_leaves.termination_pool = pools.termination_pool
)

{{ check_rows('segments', [
    ('segments_on_target', 'is_on_target', 'in mode exact each segment closes at its target, unless known hires exceed it',
        'closing')
]) }}
union all
{{ check_rows('plans', [
    ('plan_within_targets', 'is_within_targets', 'known leaves within the experienced turnover, known hires within the hires of the targets',
        'plan_figures')
]) }}
