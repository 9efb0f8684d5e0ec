-- Level, pay, FTE and dimensions of those with an event in the year: before the first one (`opening`), of hires
-- after it (`hire`).
-- noqa: disable=RF05
with first_before as (
    select
        scenario_id,
        replicate,
        simulation_year,
        employee_id,
        columns('^(.+)_before$') as '\1'
    from fct_workforce_events
    where event_sequence = 1 and event_type <> 'hire'
),

first_after as (
    select
        scenario_id,
        replicate,
        simulation_year,
        employee_id,
        columns('^(.+)_after$') as '\1'
    from fct_workforce_events
    where event_sequence = 1 and event_type = 'hire'
),

every as (
    select
        *,
        'opening' as state_moment
    from first_before
    union all by name
    select
        *,
        'hire' as state_moment
    from first_after
)

select * from every
