-- Hires and terminations of the year under simulation as the targets ask: one row, how many paths differ from them.
with summary as (
    select * from {{ rows_this_year(ref('fct_year_summary')) }}
),

parameters as (
    select * from {{ ref('stg_parameters') }}
),

quotas as (
    select
        scenario_id,
        replicate,
        sum(hires) as hires,
        sum(experienced_terminations) as experienced_terminations,
        sum(new_hire_terminations + hire_year_leavers) as new_hire_terminations,
        sum(reductions) as reductions,
        -- null if the settings give the hires
        case when count(target_headcount) = count(*) then sum(target_headcount) end as target_headcount,
        sum(greatest(0, known_hires - hire_quota)) as surplus_hires
    from {{ ref('int_year_quotas') }}
    group by scenario_id, replicate
),

compared as (
    select
        summary.scenario_id,
        summary.replicate,
        concat(
            summary.hires, ' hires, ', summary.experienced_terminations, ' experienced, ',
            summary.new_hire_terminations, ' new-hire and ', summary.reductions, ' reductions, ending ',
            summary.ending_headcount, '; targets ask for ', quotas.hires, ', ', quotas.experienced_terminations, ', ',
            quotas.new_hire_terminations, ' and ', quotas.reductions, ', ending ',
            coalesce(cast(quotas.target_headcount as varchar), 'as it comes')
        ) as quota_figures,
        summary.hires = quotas.hires
        and summary.experienced_terminations = quotas.experienced_terminations
        and summary.reductions = quotas.reductions
        and (
            parameters.mode <> 'exact'
            or (
                summary.new_hire_terminations = quotas.new_hire_terminations
                -- known hires that exceed the quota are hired nevertheless (check plan_within_targets)
                and (
                    quotas.target_headcount is null
                    or quotas.surplus_hires > 0
                    or summary.ending_headcount = quotas.target_headcount
                )
            )
        ) as meets_quotas
    from summary
    left join quotas on summary.scenario_id = quotas.scenario_id and summary.replicate = quotas.replicate
    left join parameters on summary.scenario_id = parameters.scenario_id
)

{{ check_rows('compared', [
    ('quotas_met', 'meets_quotas', 'hires, terminations and ending headcount as the targets ask', 'quota_figures')
]) }}
