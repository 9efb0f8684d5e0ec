-- What an employee is, in spells of the year from one event to the next: level, pay, FTE and dimensions by name. From
-- people_of_path and events_of_path. Grain: employee and spell, with the first and the last day. No dimension has a name
-- that begins with an underscore.
with states as (
    select
        employee_id,
        event_date as _from_date,
        event_sequence as _step,
        columns('^(.*)_after$') as '\1'
    from events_of_path
    where event_type <> 'termination'
    union all by name
    -- before the first event of those who were there when the year opened
    select
        employee_id,
        make_date(simulation_year, 1, 1) as _from_date,
        0 as _step,
        columns('^(.*)_before$') as '\1'
    from events_of_path
    where event_sequence = 1 and event_type <> 'hire'
    union all by name
    select
        people.* exclude (
            scenario_id,
            replicate,
            simulation_year,
            employment_status,
            birth_date,
            hire_date,
            termination_date,
            age,
            age_band,
            tenure,
            tenure_band,
            prorated_compensation
        ),
        make_date(people.simulation_year, 1, 1) as _from_date,
        0 as _step
    from people_of_path as people
    anti join events_of_path as events on people.employee_id = events.employee_id
),

people as (
    select
        employee_id,
        coalesce(termination_date, make_date(simulation_year, 12, 31)) as _last_day
    from people_of_path
),

spells as (
    select
        states.*,
        people._last_day,
        coalesce(
            lead(states._from_date) over (partition by states.employee_id order by states._step) - 1, people._last_day
        ) as _to_date
    from states
    inner join people on states.employee_id = people.employee_id
)

-- several events of one day leave a spell for the last only
select * from spells
where _to_date >= _from_date
