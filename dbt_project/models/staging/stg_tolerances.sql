-- The tolerances of the checks: one row.
select
    merit_cents_per_employee,
    growth,
    growth_history,
    anomaly_z,
    anomaly_history,
    min_growth,
    max_growth
from {{ source('inputs', 'tolerances') }}
