-- The mix of hires over combinations of dimensions, if the settings define one.
select
    scenario_id,
    combination_id,
    share
from {{ source('inputs', 'hire_mix') }}
