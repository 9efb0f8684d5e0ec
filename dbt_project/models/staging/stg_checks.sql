-- Severity of each check that is looked at, and what to do if it is violated.
select
    check_name,
    severity,
    advice
from {{ source('inputs', 'checks') }}
where severity <> 'off'
