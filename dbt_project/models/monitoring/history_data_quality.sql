-- Every check of every year, of this run and of the others in the output directory as they stood when this
-- run began or ended.
select
    run_id,
    check_name,
    simulation_year,
    status,
    severity,
    observed,
    expected,
    details
from {{ source('inputs', 'history_checks') }}
union all
select
    this_run.run_id,
    checks.check_name,
    checks.simulation_year,
    checks.status,
    checks.severity,
    checks.observed,
    checks.expected,
    checks.details
from {{ ref('mon_data_quality') }} as checks
cross join {{ source('inputs', 'this_run') }} as this_run
