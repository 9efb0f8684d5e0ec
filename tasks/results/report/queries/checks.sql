-- Checks, with one row for all years of the same result.
select
    check_name,
    string_agg(simulation_year, ', ' order by simulation_year) as years,
    status,
    observed,
    expected
from mon_data_quality
group by check_name, status, observed, expected
order by status = 'pass', check_name, min(simulation_year)
