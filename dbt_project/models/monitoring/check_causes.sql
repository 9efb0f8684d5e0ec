-- Terminations of the year under simulation by cause: every cause is one of the settings, or reduction_in_force for
-- exactly the reductions, and all causes add up to the year summary.
with counts as (
    select
        scenario_id,
        replicate,
        cause,
        count(*) as terminations
    from {{ rows_this_year(ref('int_workforce_events')) }}
    where event_type = 'termination'
    group by scenario_id, replicate, cause
),

causes as (
    select
        counts.scenario_id,
        counts.replicate,
        sum(counts.terminations) as terminations,
        sum(counts.terminations) filter (where counts.cause = 'reduction_in_force') as reductions,
        sum(counts.terminations) filter (where counts.cause = 'reduction_in_force' or causes.cause is not null)
            as known,
        string_agg(
            concat(counts.terminations, ' ', coalesce(counts.cause, 'without cause')), ', ' order by counts.cause
        ) as found
    from counts
    left join {{ ref('stg_causes') }} as causes
        on counts.scenario_id = causes.scenario_id and counts.cause = causes.cause
    group by counts.scenario_id, counts.replicate
),

summary as (
    select
        scenario_id,
        replicate,
        reductions,
        experienced_terminations + new_hire_terminations + reductions as terminations
    from {{ rows_this_year(ref('fct_year_summary')) }}
),

compared as (
    select
        summary.scenario_id,
        summary.replicate,
        summary.terminations = coalesce(causes.terminations, 0)
        and summary.terminations = coalesce(causes.known, 0)
        and summary.reductions = coalesce(causes.reductions, 0) as adds_up,
        concat(
            'events: ', coalesce(causes.found, 'no terminations'), '; summary: ', summary.terminations, ', of them ',
            summary.reductions, ' reductions'
        ) as found
    from summary
    left join causes on summary.scenario_id = causes.scenario_id and summary.replicate = causes.replicate
)

{{ check_rows('compared', [
    ('causes_add_up', 'adds_up', 'terminations by cause as in the summary, each cause in the settings or reduction_in_force', 'found')
]) }}
