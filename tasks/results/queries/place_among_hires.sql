-- An employee's rank by draw among the year's hires; those with the lowest ranks leave.
with hires as (
    select
        employee_id,
        termination_date is not null as leaves,
        cast(
            md5_number_upper(concat($seed, '|', $year, '|', $replicate, '|new_hire_termination|', employee_id)) >> 11
            as double
        ) / 9007199254740992 as draw
    from fct_workforce_snapshot
    where
        scenario_id = $scenario and replicate = $replicate and simulation_year = $year
        and year(hire_date) = simulation_year
),

ranked as (
    select
        employee_id,
        row_number() over (order by draw, employee_id) as place,
        count(*) over () as hires,
        count_if(leaves) over () as leavers
    from hires
)

select
    place,
    hires,
    leavers
from ranked
where employee_id = $employee
