-- An employee's place in the exponential race: the opening workforce in order of -ln(1 - u) / hazard.
with opening as (
    select
        *,
        cast(
            md5_number_upper(concat($seed, '|', $year, '|', $replicate, '|termination|', employee_id)) >> 11 as double
        ) / 9007199254740992 as draw
    from fct_workforce_snapshot
    where
        scenario_id = $scenario and replicate = $replicate and simulation_year = $year
        and year(hire_date) < simulation_year
),

ranked as (
    select
        opening.*,
        row_number() over (
            order by
                case
                    when hazards.hazard > 0 then -ln(1 - opening.draw) / hazards.hazard
                    else cast('infinity' as double)
                end,
                opening.employee_id
        ) as place,
        count(*) over () as headcount
    from opening
    inner join termination_hazards as hazards
        on
            opening.scenario_id = hazards.scenario_id
            and opening.simulation_year = hazards.simulation_year
            and opening.age_band = hazards.age_band
            and opening.tenure_band = hazards.tenure_band
),

employee as (
    select * from ranked
    where employee_id = $employee
)

select
    employee.place,
    employee.headcount,
    totals.experienced_terminations,
    totals.reductions
from employee
inner join fct_year_summary as totals
    on
        employee.scenario_id = totals.scenario_id
        and employee.replicate = totals.replicate
        and employee.simulation_year = totals.simulation_year
