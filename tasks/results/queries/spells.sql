-- Everyone's time in a path and year, split at each change: level, pay, FTE and dimensions from `from_date` to
-- `to_date`. A change on the day of another leaves a spell without days between them.
-- noqa: disable=RF02,RF05
with people as (
    select
        snapshot.employee_id,
        snapshot.hire_date,
        snapshot.termination_date,
        fiscal_years.simulated_from,
        fiscal_years.last_day
    from fct_workforce_snapshot as snapshot
    inner join fiscal_years on snapshot.simulation_year = fiscal_years.simulation_year
    where
        snapshot.scenario_id = $scenario and snapshot.replicate = $replicate and snapshot.simulation_year = $year
),

first_spells as (
    select
        states.* exclude (
            scenario_id, replicate, simulation_year, state_moment, age, age_band, tenure, tenure_band
        ),
        greatest(people.hire_date, people.simulated_from) as from_date,
        0 as spell_number,
        states.state_moment = 'hire' as is_hire
    from states
    inner join people on states.employee_id = people.employee_id
    where
        states.scenario_id = $scenario and states.replicate = $replicate and states.simulation_year = $year
        and states.state_moment <> 'closing'
),

further_spells as (
    select
        employee_id,
        columns('^(.+)_after$') as '\1',
        event_date as from_date,
        event_sequence as spell_number,
        false as is_hire
    from fct_workforce_events
    where
        scenario_id = $scenario and replicate = $replicate and simulation_year = $year
        and event_type not in ('hire', 'termination')
),

spells as (
    select * from first_spells
    union all by name
    select * from further_spells
)

select
    spells.*,
    people.hire_date,
    people.termination_date,
    coalesce(
        lead(spells.from_date) over (partition by spells.employee_id order by spells.spell_number) - 1,
        people.termination_date,
        people.last_day
    ) as to_date
from spells
inner join people on spells.employee_id = people.employee_id
