-- Every check of every year: observed, expected and status. The year before start_year holds the checks of the
-- census and of the opening state.
{{ config(materialized='year_append', tags=['year']) }}

with control as (
    select * from {{ ref('stg_control') }}
),

severities as (
    select * from {{ ref('stg_checks') }}
),

checks as (
    select * from {{ ref('check_census') }}
    union all
    select * from {{ ref('check_baseline') }}
    union all
    {%- for family in [
        'headcount', 'quotas', 'targets', 'plan', 'transfers', 'fte', 'causes', 'actions', 'payroll', 'replay', 'months',
        'growth'
    ] %}
    select * from {{ ref('check_' ~ family) }}
    union all
    {%- endfor %}
    select * from {{ ref('check_anomalies') }}
)

select
    checks.check_name,
    control.simulation_year,
    case
        when checks.violations = 0 then 'pass'
        when severities.severity = 'error' then 'fail'
        else 'warn'
    end as status,
    severities.severity,
    concat(checks.violations, ' of ', checks.examined, ' violate it') as observed,
    checks.expected,
    checks.at_fault as details,
    checks.at_fault as rows_at_fault,
    case when checks.violations > 0 then severities.advice end as advice,
    checks.violations,
    checks.examined
from checks
inner join severities on checks.check_name = severities.check_name
inner join control
    on (control.simulation_year >= control.start_year) <> (checks.check_name in ({{ baseline_checks() }}))
