-- An employee's place among those who end the year in the same segment and do not leave otherwise, by race time:
-- the first leave by reduction in force.
with candidates as (
    select
        race.employee_id,
        race.race_time,
        race.event_reason,
        profile_segments.segment
    from race
    inner join exposed on race.employee_id = exposed.employee_id and exposed.state_moment = 'closing'
    inner join profile_segments on exposed.hazard_profile = profile_segments.hazard_profile
    where coalesce(race.event_reason, '') not in ('experienced', 'new_hire')
),

ranked as (
    select
        *,
        row_number() over (partition by segment order by race_time, employee_id) as place,
        count(*) over (partition by segment) as headcount,
        count(event_reason) over (partition by segment) as reductions
    from candidates
)

select * from ranked
where employee_id = $employee
