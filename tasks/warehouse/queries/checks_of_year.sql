select
    check_name,
    severity,
    status,
    observed,
    expected,
    details,
    rows_at_fault,
    advice
from mon_data_quality
where simulation_year = $year
order by check_name
