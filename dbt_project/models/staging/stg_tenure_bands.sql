-- Bands of completed years of tenure: [lower_bound, upper_bound).
select
    scenario_id,
    band as tenure_band,
    lower_bound,
    upper_bound
from {{ source('inputs', 'bands') }}
where attribute = 'tenure'
