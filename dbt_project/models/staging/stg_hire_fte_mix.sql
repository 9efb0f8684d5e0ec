-- The mix of hires over working time, if the settings define one.
select
    scenario_id,
    fte,
    share
from {{ source('inputs', 'hire_fte_mix') }}
