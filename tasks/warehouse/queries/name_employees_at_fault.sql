update mon_data_quality
set rows_at_fault = $employees
where
    simulation_year = $year
    and check_name = $check
