-- The mix of hires over combinations of dimensions, where settings give one.
select
    scenario_id,
    combination_id,
    share
from {{ source('inputs', 'hire_mix') }}
