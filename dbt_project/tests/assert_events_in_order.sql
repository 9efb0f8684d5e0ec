-- Of the events of one employee in the year under simulation: they are numbered 1 to n, no type occurs
-- twice (so nobody leaves twice and event_id is unique), and nothing else happens on or after the last day.
-- One pass of the events: sets are kept as bits of a number.
{{ config(tags=['year']) }}

with events as (
    select * from {{ rows_this_year(ref('fct_workforce_events')) }}
),

employees as (
    select
        scenario_id,
        replicate,
        employee_id,
        count(*) as event_count,
        bit_or(1 << event_sequence) as sequences,
        bit_or(1 << list_position(['hire', 'cola', 'promotion', 'merit', 'termination'], event_type)) as types,
        max(event_date) filter (where event_type != 'termination') as last_event_date,
        max(event_date) filter (where event_type = 'termination') as termination_date
    from events
    group by scenario_id, replicate, employee_id
)

select *
from employees
where
    sequences != (1 << (event_count + 1)) - 2
    or bit_count(types) != event_count
    or last_event_date >= termination_date
