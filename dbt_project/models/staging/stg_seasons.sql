-- Weights of the months for the dates of hires and leavers.
select
    scenario_id,
    season,
    month_of_year,
    weight
from {{ source('inputs', 'seasons') }}
