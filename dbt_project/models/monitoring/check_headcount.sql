-- Headcount checks of the year under simulation, one row per check: how many paths violate it.
with control as (
    select * from {{ ref('stg_control') }}
),

summary as (
    select summary.*
    from {{ ref('fct_year_summary') }} as summary
    inner join control on summary.simulation_year = control.simulation_year
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
        summary.opening_headcount + summary.hires
        - summary.experienced_terminations - summary.new_hire_terminations - summary.reductions
        = summary.ending_headcount as headcount_adds_up,
        summary.opening_headcount = coalesce(closings.headcount, 0)
        and summary.opening_payroll = coalesce(closings.payroll, 0) as opens_as_closed
    from summary
    left join closings on summary.scenario_id = closings.scenario_id and summary.replicate = closings.replicate
)

{% set checks = [
    ('headcount_identity', 'headcount_adds_up', 'opening + hires - terminations = ending in every path', 'movements'),
    ('opening_equals_closing', 'opens_as_closed', 'opens with the headcount and payroll the year before closed with', 'openings')
] %}
{{ check_rows('compared', checks) }}
