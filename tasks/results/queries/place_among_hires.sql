-- An employee's place among the year's hires of the segment: known leavers, then by -ln(1 - u) / days from hire to the
-- end of the year; the first leave again.
-- noqa: disable=RF02
with hires as (
    select
        exposed.employee_id,
        profile_segments.segment,
        snapshot.termination_date is not null as leaves,
        events.employee_id is not null as is_known,
        fiscal_years.last_day - snapshot.hire_date as days,
        cast(
            md5_number_upper(
                concat($seed, '|', $year, '|', $draw_replicate, '|new_hire_termination|', exposed.employee_id)
            ) >> 11
            as double
        ) / 9007199254740992 as draw
    from exposed
    inner join profile_segments on exposed.hazard_profile = profile_segments.hazard_profile
    inner join fct_workforce_snapshot as snapshot
        on
            exposed.scenario_id = snapshot.scenario_id
            and exposed.replicate = snapshot.replicate
            and exposed.simulation_year = snapshot.simulation_year
            and exposed.employee_id = snapshot.employee_id
    inner join fiscal_years on exposed.simulation_year = fiscal_years.simulation_year
    left join fct_workforce_events as events
        on
            exposed.scenario_id = events.scenario_id
            and exposed.replicate = events.replicate
            and exposed.simulation_year = events.simulation_year
            and exposed.employee_id = events.employee_id
            and events.event_type = 'termination'
            and events.hazard is null
    where exposed.state_moment = 'hire'
),

ranked as (
    select
        employee_id,
        days,
        -ln(1 - draw) / nullif(days, 0) as leaving_time,
        row_number() over (
            partition by segment order by is_known desc, leaving_time asc nulls last, employee_id asc
        ) as place,
        count(*) over (partition by segment) as hires,
        count(*) filter (where leaves) over (partition by segment) as leavers,
        count(*) filter (where is_known) over (partition by segment) as known_leavers
    from hires
)

select * from ranked
where employee_id = $employee
