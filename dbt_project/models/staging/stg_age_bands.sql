-- Bands of completed years of age: [lower_bound, upper_bound).
select
    scenario_id,
    band as age_band,
    lower_bound,
    upper_bound
from {{ source('inputs', 'bands') }}
where attribute = 'age'
