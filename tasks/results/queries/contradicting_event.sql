-- The first event of a year's opening workforce (`exposed`) whose hazard differs from the recomputed one
-- (`hazards`). Mode `expected` multiplies the termination hazards of a replicate, year and pool by one factor and
-- caps them at 1; the factor is derived from the events. Those hired in the elapsed part of a stub year may leave by
-- another hazard, that of their year of hire (new_hire).
with published as (
    select
        events.scenario_id,
        events.replicate,
        events.simulation_year,
        events.employee_id,
        events.event_type,
        events.hazard as published_hazard,
        hazards.hazard as computed_hazard,
        profile_segments.termination_pool,
        events.event_type = 'termination'
        and list_contains(cast($scaled as varchar[]), events.scenario_id) as is_scaled,
        case when is_scaled and events.hazard < 1 then events.hazard / nullif(hazards.hazard, 0) end as factor
    from fct_workforce_events as events
    inner join exposed
        on
            events.scenario_id = exposed.scenario_id
            and events.replicate = exposed.replicate
            and events.simulation_year = exposed.simulation_year
            and events.employee_id = exposed.employee_id
    inner join profile_segments on exposed.hazard_profile = profile_segments.hazard_profile
    left join hazards on exposed.hazard_profile = hazards.hazard_profile and events.event_type = hazards.rate
    where
        events.hazard is not null and events.simulation_year = $year
        and events.event_reason is distinct from 'new_hire'
),

factored as (
    select
        * exclude (factor),
        median(factor)
            over (partition by scenario_id, replicate, simulation_year, termination_pool, is_scaled)
            as factor
    from published
),

expected as (
    select
        *,
        case
            when not is_scaled then computed_hazard
            -- no factor can be derived: all positive hazards are capped at 1, and others share what is left
            when computed_hazard = 0 or factor is null then published_hazard
            else least(1.0, computed_hazard * factor)
        end as expected_hazard
    from factored
)

select
    scenario_id,
    replicate,
    simulation_year,
    employee_id,
    event_type,
    published_hazard,
    expected_hazard
from expected
where computed_hazard is null or abs(published_hazard - expected_hazard) > $tolerance * expected_hazard
order by scenario_id, replicate, simulation_year, employee_id, event_type
limit 1
