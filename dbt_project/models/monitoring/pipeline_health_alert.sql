-- Problems that need attention: checks that warn or fail, exceeded time limits, incomplete years.
select
    simulation_year,
    'check' as kind,
    check_name as subject,
    case status when 'fail' then 'critical' else 'warning' end as severity,
    concat('observed ', observed, ', expected ', expected) as message
from {{ ref('mon_data_quality') }}
where status <> 'pass'
union all
select
    simulation_year,
    'sla' as kind,
    subject,
    'warning' as severity,
    concat(round(seconds, 1), ' s taken, ', setting, ' allows ', limit_seconds, ' s') as message
from {{ ref('pipeline_sla_check') }}
where not is_within_limit
union all
select
    simulation_year,
    'ledger' as kind,
    concat('year ', simulation_year) as subject,
    'critical' as severity,
    concat('the year is ', status) as message
from {{ source('state', 'year_ledger') }}
where status <> 'complete'
