-- Opening headcount of one replicate and year by age band and tenure band.
select
    age_band,
    tenure_band,
    count(*) as employees
from fct_workforce_snapshot
where
    scenario_id = $scenario and replicate = $replicate and simulation_year = $year
    and year(hire_date) < simulation_year
group by age_band, tenure_band
order by age_band, tenure_band
