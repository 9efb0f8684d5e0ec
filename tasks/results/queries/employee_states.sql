-- One employee's rows of the snapshot, a row per year, with the values of the dimensions as a list.
select
    * exclude (scenario_id, replicate), -- noqa: RF02
    list_value(
        *columns(
            * exclude (
                scenario_id,
                replicate,
                simulation_year,
                employee_id,
                employment_status,
                birth_date,
                hire_date,
                termination_date,
                age,
                age_band,
                tenure,
                tenure_band,
                level,
                salary,
                prorated_compensation
            )
        )
    ) as dimensions
from fct_workforce_snapshot
where scenario_id = $scenario and replicate = $replicate and employee_id = $employee
order by simulation_year
