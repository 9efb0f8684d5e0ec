-- One row where years came out alike: the table of a clean run is as long as the list of checks.
select
    check_name,
    string_agg(simulation_year, ', ' order by simulation_year) as years,
    status,
    observed,
    expected
from mon_data_quality
group by check_name, status, observed, expected
order by status = 'pass', check_name, min(simulation_year)
