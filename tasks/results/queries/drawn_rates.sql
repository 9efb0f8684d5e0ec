-- The effects on rates that are one number, and the year effects of all, in a replicate and year.
select
    source,
    rate,
    log_effect
from drawn
where
    replicate = $replicate and simulation_year = $year
    and cause is null and attribute is null
