-- Of the events of one employee in the year under simulation: they are numbered 1 to n, only known changes
-- (transfer, FTE, raise) occur twice, and nothing else happens on or after the last day; a reduction comes after the
-- changes of its day.
-- One pass of the events: sets are kept as bits of a number.
{{ config(tags=['year']) }}

with events as (
    select * from {{ rows_this_year(ref('int_workforce_events')) }}
),

employees as (
    select
        scenario_id,
        replicate,
        employee_id,
        count(*) as event_count,
        bit_or(1 << event_sequence) as sequences,
        count(*) filter (where event_type not in ('transfer', 'fte', 'raise')) as single_count,
        bit_or(
            1 << list_position(['hire', 'adjustment', 'cola', 'promotion', 'merit', 'termination'], event_type)
        ) filter (where event_type not in ('transfer', 'fte', 'raise')) as types,
        max(event_date) filter (where event_type not in ('hire', 'termination')) as last_event_date,
        max(event_date) filter (where event_type = 'hire') as hire_date,
        max(event_date) filter (where event_type = 'termination') as termination_date,
        bool_or(event_reason is not distinct from 'reduction_in_force') as is_reduced
    from events
    group by scenario_id, replicate, employee_id
)

select *
from employees
where
    sequences != (1 << (event_count + 1)) - 2
    or bit_count(types) != single_count
    or last_event_date > termination_date
    or (last_event_date = termination_date and not is_reduced)
    or hire_date > termination_date
