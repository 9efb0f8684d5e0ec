-- Checks of the census: rejected rows, and the plausibility findings of tasks/census/plausibility.py.
select
    'census_data_validation' as check_name,
    rejected_rows as violations,
    rows_read as examined,
    'every row of the census is good' as expected,
    (
        select {{ sample("'row ', row_number, ', ', column_name, ': ', reason", 'true', 'row_number, column_name') }}
        from {{ source('inputs', 'census_rejects') }}
    ) as at_fault
from {{ source('inputs', 'census_validation') }}
union all
select
    check_name,
    violations,
    examined,
    expected,
    at_fault
from {{ source('inputs', 'census_findings') }}
