-- The opening workforce of a path and year with draw and race time, -ln(1 - u) / hazard, by the hazards in use
-- (hazards_in_use), and how those left who left; and who was hired since the fiscal year began, in the elapsed part
-- of a stub. If $has_quota_of_year, these are outside the quota, which counts those who were there then.
-- noqa: disable=RF02
with leavers as (
    select
        employee_id,
        event_reason,
        hazard is null as is_known
    from fct_workforce_events
    where
        scenario_id = $scenario and replicate = $replicate and simulation_year = $year
        and event_type = 'termination'
),

drawn as (
    select
        exposed.employee_id,
        profile_segments.termination_pool,
        hazards_in_use.hazard_in_use as hazard,
        snapshot.hire_date >= fiscal_years.first_day as was_hired_this_year,
        was_hired_this_year and $has_quota_of_year as is_outside_quota,
        cast(
            md5_number_upper(
                concat($seed, '|', $year, '|', $draw_replicate, '|termination|', exposed.employee_id)
            ) >> 11
            as double
        ) / 9007199254740992 as draw
    from exposed
    inner join profile_segments on exposed.hazard_profile = profile_segments.hazard_profile
    inner join hazards on exposed.hazard_profile = hazards.hazard_profile and hazards.rate = 'termination'
    inner join hazards_in_use
        on
            profile_segments.termination_pool = hazards_in_use.termination_pool
            and hazards.hazard = hazards_in_use.hazard
    inner join fiscal_years on fiscal_years.simulation_year = $year
    inner join fct_workforce_snapshot as snapshot
        on
            exposed.employee_id = snapshot.employee_id
            and snapshot.scenario_id = $scenario
            and snapshot.replicate = $replicate
            and snapshot.simulation_year = $year
    where exposed.state_moment = 'opening'
)

select
    drawn.*,
    case when drawn.hazard > 0 then -ln(1 - drawn.draw) / drawn.hazard else cast('infinity' as double) end as race_time,
    leavers.event_reason,
    coalesce(leavers.is_known, false) as is_known
from drawn
left join leavers on drawn.employee_id = leavers.employee_id
