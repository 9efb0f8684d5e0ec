-- The first termination of the opening workforce whose hazard differs from the recomputed one
-- (termination_hazards). Mode `expected` multiplies all hazards of a replicate and year by one factor and caps
-- them at 1; the factor is derived from the events.
with published as (
    select
        events.scenario_id,
        events.replicate,
        events.simulation_year,
        events.employee_id,
        events.hazard as published_hazard,
        hazards.hazard as computed_hazard,
        case when events.hazard < 1 then events.hazard / nullif(hazards.hazard, 0) end as factor
    from fct_workforce_events as events
    inner join fct_workforce_snapshot as snapshot
        on
            events.scenario_id = snapshot.scenario_id
            and events.replicate = snapshot.replicate
            and events.simulation_year = snapshot.simulation_year
            and events.employee_id = snapshot.employee_id
    left join termination_hazards as hazards
        on
            snapshot.scenario_id = hazards.scenario_id
            and snapshot.simulation_year = hazards.simulation_year
            and snapshot.age_band = hazards.age_band
            and snapshot.tenure_band = hazards.tenure_band
    where
        events.event_type = 'termination'
        and events.event_reason <> 'new_hire'
        and events.scenario_id in (select scenario_id from termination_hazards) -- noqa: RF02
),

factors as (
    select
        scenario_id,
        replicate,
        simulation_year,
        median(factor) as factor
    from published
    where list_contains(cast($scaled as varchar[]), scenario_id)
    group by scenario_id, replicate, simulation_year
),

expected as (
    select
        published.*,
        case
            when factors.scenario_id is null then published.computed_hazard
            -- no factor can be derived: all hazards are capped at 1
            else coalesce(least(1.0, published.computed_hazard * factors.factor), published.published_hazard)
        end as expected_hazard
    from published
    left join factors
        on
            published.scenario_id = factors.scenario_id
            and published.replicate = factors.replicate
            and published.simulation_year = factors.simulation_year
)

select
    scenario_id,
    replicate,
    simulation_year,
    employee_id,
    published_hazard,
    expected_hazard
from expected
where expected_hazard is null or abs(published_hazard - expected_hazard) > $tolerance * expected_hazard
order by scenario_id, replicate, simulation_year, employee_id
limit 1
