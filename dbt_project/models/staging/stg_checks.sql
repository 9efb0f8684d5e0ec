-- Severity of each check that is not switched off, and the advice if it is violated.
select
    check_name,
    severity,
    advice
from {{ source('inputs', 'checks') }}
where severity <> 'off'
