-- An employee's place in the exponential race of the pool (`race`); known leavers come first, who is outside the quota
-- last.
with ranked as (
    select
        employee_id,
        hazard,
        race_time,
        was_hired_this_year,
        is_outside_quota,
        row_number() over (
            partition by termination_pool order by is_known desc, is_outside_quota asc, race_time asc, employee_id asc
        ) as place,
        count(*) filter (where is_known or not is_outside_quota) over pool as headcount,
        count(*) filter (where event_reason = 'experienced') over pool as leavers,
        count(*) filter (where is_known) over pool as known_leavers
    from race
    window pool as (partition by termination_pool)
)

select * from ranked
where employee_id = $employee
