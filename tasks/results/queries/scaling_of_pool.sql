-- The factor by which mode `expected` multiplied the hazards of pool $pool, from the events of those who left with a
-- hazard below 1; null if nobody did.
select median(events.hazard / hazards.hazard) as factor
from fct_workforce_events as events
inner join exposed on events.employee_id = exposed.employee_id and exposed.state_moment = 'opening'
inner join profile_segments on exposed.hazard_profile = profile_segments.hazard_profile
inner join hazards on exposed.hazard_profile = hazards.hazard_profile and hazards.rate = 'termination'
where
    events.scenario_id = $scenario and events.replicate = $replicate and events.simulation_year = $year
    and events.event_type = 'termination' and events.event_reason <> 'new_hire'
    and events.hazard < 1 and hazards.hazard > 0
    and profile_segments.termination_pool = $pool
