-- Values of a dimension to which transfers lead.
select
    scenario_id,
    dimension,
    value,
    move_id,
    share
from {{ source('inputs', 'transfer_destinations') }}
