-- What replicates drew, of parameters and years.
select
    replicate,
    simulation_year,
    source,
    rate,
    cause,
    attribute,
    value,
    log_effect
from fct_drawn_assumptions
