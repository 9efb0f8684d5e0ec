-- Headcount checks of the year under simulation, one row per check: how many paths violate it.
with control as (
    select * from {{ ref('stg_control') }}
),

summary as (
    select summary.*
    from {{ ref('fct_year_summary') }} as summary
    inner join control on summary.simulation_year = control.simulation_year
),

quotas as (
    select
        scenario_id,
        replicate,
        sum(hires) as hires,
        sum(experienced_terminations) as experienced_terminations,
        sum(new_hire_terminations) as new_hire_terminations,
        sum(reductions) as reductions,
        -- null if the settings give the hires
        case when count(target_headcount) = count(*) then sum(target_headcount) end as target_headcount,
        sum(greatest(0, known_hires - hire_quota)) as surplus_hires
    from {{ ref('int_year_quotas') }}
    group by scenario_id, replicate
),

parameters as (
    select * from {{ ref('stg_parameters') }}
),

closings as (
    select
        closing.scenario_id,
        closing.replicate,
        count(*) as headcount,
        sum(closing.salary) as payroll
    from {{ source('state', 'earlier_snapshots') }} as closing
    inner join control on closing.simulation_year = control.simulation_year - 1
    where closing.employment_status = 'active'
    group by closing.scenario_id, closing.replicate
),

compared as (
    select
        summary.scenario_id,
        summary.replicate,
        concat(
            'opening ', summary.opening_headcount, ' + ', summary.hires, ' hires - ',
            summary.experienced_terminations + summary.new_hire_terminations + summary.reductions,
            ' leavers, ending ', summary.ending_headcount
        ) as movements,
        concat(
            'opens with ', summary.opening_headcount, ' and ', summary.opening_payroll,
            ', closed with ', coalesce(closings.headcount, 0), ' and ', coalesce(closings.payroll, 0)
        ) as openings,
        concat(
            summary.hires, ' hires, ', summary.experienced_terminations, ' experienced, ',
            summary.new_hire_terminations, ' new-hire and ', summary.reductions, ' reductions, ending ',
            summary.ending_headcount, '; targets ask for ', quotas.hires, ', ', quotas.experienced_terminations, ', ',
            quotas.new_hire_terminations, ' and ', quotas.reductions, ', ending ',
            coalesce(cast(quotas.target_headcount as varchar), 'as it comes')
        ) as quota_figures,
        summary.opening_headcount + summary.hires
        - summary.experienced_terminations - summary.new_hire_terminations - summary.reductions
        = summary.ending_headcount as headcount_adds_up,
        summary.opening_headcount = coalesce(closings.headcount, 0)
        and summary.opening_payroll = coalesce(closings.payroll, 0) as opens_as_closed,
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
    left join closings on summary.scenario_id = closings.scenario_id and summary.replicate = closings.replicate
)

{% set checks = [
    ('headcount_identity', 'headcount_adds_up', 'opening + hires - terminations = ending in every path', 'movements'),
    ('opening_equals_closing', 'opens_as_closed', 'opens with the headcount and payroll the year before closed with', 'openings'),
    ('quotas_met', 'meets_quotas', 'hires, terminations and ending headcount as the targets ask', 'quota_figures')
] %}
{{ check_rows('compared', checks) }}
