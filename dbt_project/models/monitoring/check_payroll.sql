-- Payroll checks of the year under simulation: the events compared with the summary.
with control as (
    select * from {{ ref('stg_control') }}
),

summary as (
    select summary.*
    from {{ ref('fct_year_summary') }} as summary
    inner join control on summary.simulation_year = control.simulation_year
),

parameters as (
    select * from {{ ref('int_parameters') }}
),

events as (
    select
        events.scenario_id,
        events.replicate,
        count(*) filter (where events.event_type = 'hire') as hires,
        count(*) filter (where events.event_type = 'promotion') as promotions,
        count(*) filter (where events.event_type = 'cola') as colas,
        count(*) filter (where events.event_type = 'merit') as merits,
        count(*) filter (where events.event_type = 'termination') as terminations,
        count(*) filter (where events.event_type = 'transfer') as transfers,
        count(*) filter (where events.event_type = 'adjustment') as adjustments,
        sum(coalesce(events.salary_after, 0) - coalesce(events.salary_before, 0)) as payroll_change,
        sum(events.salary_after - events.salary_before) filter (where events.event_type = 'merit') as merit_spent,
        sum(events.salary_before) filter (where events.event_type = 'merit') as eligible_payroll
    from {{ ref('int_workforce_events') }} as events
    inner join control on events.simulation_year = control.simulation_year
    group by events.scenario_id, events.replicate
),

compared as (
    select
        summary.scenario_id,
        summary.replicate,
        concat(
            'events: ', coalesce(events.hires, 0), ' hires, ', coalesce(events.promotions, 0), ' promotions, ',
            coalesce(events.terminations, 0), ' terminations, ', coalesce(events.colas, 0), ' COLA raises, ',
            coalesce(events.merits, 0), ' merit raises, ', coalesce(events.transfers, 0), ' transfers and ',
            coalesce(events.adjustments, 0), ' adjustments; summary: ', summary.hires, ', ', summary.promotions, ', ',
            summary.experienced_terminations + summary.new_hire_terminations + summary.reductions, ', ',
            summary.cola_raises, ', ', summary.merit_raises, ', ', summary.transfers, ' and ', summary.adjustments
        ) as counts,
        concat(
            summary.opening_payroll, ' + events ', coalesce(events.payroll_change, 0), ' = ',
            summary.opening_payroll + coalesce(events.payroll_change, 0), ', ending ', summary.ending_payroll
        ) as payrolls,
        concat(
            'spent ', coalesce(events.merit_spent, 0), ' of ',
            round(parameters.merit_budget * coalesce(events.eligible_payroll, 0), 2), ' on ',
            coalesce(events.merits, 0), ' employees'
        ) as budgets,
        summary.hires = coalesce(events.hires, 0)
        and summary.promotions = coalesce(events.promotions, 0)
        and summary.experienced_terminations + summary.new_hire_terminations + summary.reductions
        = coalesce(events.terminations, 0)
        and summary.cola_raises = coalesce(events.colas, 0)
        and summary.merit_raises = coalesce(events.merits, 0)
        and summary.transfers = coalesce(events.transfers, 0)
        and summary.adjustments = coalesce(events.adjustments, 0) as events_counted,
        summary.opening_payroll + coalesce(events.payroll_change, 0) = summary.ending_payroll as payroll_adds_up,
        abs(coalesce(events.merit_spent, 0) - parameters.merit_budget * coalesce(events.eligible_payroll, 0))
        <= tolerances.merit_cents_per_employee / 100 * coalesce(events.merits, 0) as budget_spent
    from summary
    cross join {{ ref('stg_tolerances') }} as tolerances
    left join events on summary.scenario_id = events.scenario_id and summary.replicate = events.replicate
    left join parameters on summary.scenario_id = parameters.scenario_id and summary.replicate = parameters.replicate
)

{% set checks = [
    ('event_counts', 'events_counted', 'as many events of each type as the summary counts', 'counts'),
    ('payroll_identity', 'payroll_adds_up', 'opening payroll + changes by events = ending payroll, to the cent', 'payrolls'),
    ('merit_budget_spent', 'budget_spent', 'merit raises = merit_budget x eligible payroll, within the tolerated cents per employee', 'budgets')
] %}
{{ check_rows('compared', checks) }}
