-- The first fiscal year as a whole: what happened before the opening date, and the forecast after it. Grain: path. A
-- view, empty without past lists.
-- noqa: disable=LT02,LT05
{%- set counts = ['hires', 'experienced_terminations', 'new_hire_terminations', 'reductions'] %}
{%- set costs = ['salary', 'bonus', 'benefits', 'payroll_tax', 'recruiting', 'severance', 'loaded'] %}
with control as (
    select * from {{ ref('stg_control') }}
),

starts as (
    select
        scenario_id,
        cast(sum(start_headcount) as bigint) as start_headcount
    from {{ ref('int_actual_counts') }}
    group by scenario_id
),

actual as (
    select
        scenario_id,
        {%- for name in counts %}
        cast(sum({{ name }}) as bigint) as {{ name }},
        {%- endfor %}
        {%- for part in costs %}
        sum({{ part }}_cost) as {{ part }}_cost{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('fct_actual_months') }}
    group by scenario_id
),

forecast as (
    select
        months.scenario_id,
        months.replicate,
        months.simulation_year,
        {%- for name in counts %}
        cast(sum(months.{{ name }}) as bigint) as {{ name }},
        {%- endfor %}
        {%- for part in costs %}
        sum(months.{{ part }}_cost) as {{ part }}_cost{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_month_summary') }} as months
    inner join control on months.simulation_year = control.start_year
    group by months.scenario_id, months.replicate, months.simulation_year
)

select
    forecast.scenario_id,
    forecast.replicate,
    forecast.simulation_year,
    starts.start_headcount as opening_headcount,
    {%- for name in counts %}
    actual.{{ name }} as actual_{{ name }},
    forecast.{{ name }} as forecast_{{ name }},
    actual.{{ name }} + forecast.{{ name }} as {{ name }},
    {%- endfor %}
    summary.ending_headcount,
    summary.ending_headcount / nullif(starts.start_headcount, 0) - 1 as growth_rate,
    {%- for part in costs %}
    cast(actual.{{ part }}_cost as decimal(18, 2)) as actual_{{ part }}_cost,
    cast(forecast.{{ part }}_cost as decimal(18, 2)) as forecast_{{ part }}_cost,
    cast(actual.{{ part }}_cost + forecast.{{ part }}_cost as decimal(18, 2)) as {{ part }}_cost{{ ',' if not loop.last }}
    {%- endfor %}
from forecast
inner join actual on forecast.scenario_id = actual.scenario_id
inner join starts on forecast.scenario_id = starts.scenario_id
inner join {{ ref('fct_year_summary') }} as summary
    on
        forecast.scenario_id = summary.scenario_id
        and forecast.replicate = summary.replicate
        and forecast.simulation_year = summary.simulation_year
