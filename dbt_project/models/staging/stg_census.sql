-- The validated census, one row per employee.
select
    employee_id,
    birth_date,
    hire_date,
    termination_date,
    level,
    level_inferred,
    salary,
    fte,
    combination_id
from {{ source('inputs', 'census') }}
