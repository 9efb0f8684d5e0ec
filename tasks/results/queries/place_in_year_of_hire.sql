-- An employee's place among those of the segment who were hired in the part of a stub year before the opening date and
-- leave neither as experienced nor by a known leave, by the draw for the year of hire: the first leave.
-- noqa: disable=RF02
with candidates as (
    select
        race.employee_id,
        profile_segments.segment,
        cast(
            md5_number_upper(
                concat($seed, '|', $year, '|', $draw_replicate, '|new_hire_termination|', race.employee_id)
            ) >> 11
            as double
        ) / 9007199254740992 as draw
    from race
    inner join exposed on race.employee_id = exposed.employee_id and exposed.state_moment = 'opening'
    inner join profile_segments on exposed.hazard_profile = profile_segments.hazard_profile
    where race.was_hired_this_year and race.event_reason is distinct from 'experienced'
),

ranked as (
    select
        employee_id,
        row_number() over (partition by segment order by draw, employee_id) as place,
        count(*) over (partition by segment) as employees
    from candidates
)

select * from ranked
where employee_id = $employee
