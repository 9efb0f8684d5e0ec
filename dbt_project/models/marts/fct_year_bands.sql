-- Percentiles over replicates of every figure of the year summary. Grain: scenario, year and metric.
with summary as (
    select
        scenario_id,
        simulation_year,
        columns(* exclude (scenario_id, replicate, simulation_year))::double
    from {{ ref('fct_year_summary') }}
),

metrics as (
    select *
    from summary
    unpivot include nulls (metric_value for metric in (columns(* exclude (scenario_id, simulation_year))))
),

ordered as (
    select
        scenario_id,
        simulation_year,
        metric,
        list_sort(list(metric_value) filter (where metric_value is not null)) as ranks,
        avg(metric_value) as mean,
        stddev_samp(metric_value) / sqrt(count(metric_value)) as standard_error
    from metrics
    group by scenario_id, simulation_year, metric
)

select
    scenario_id,
    simulation_year,
    metric,
    {{ percentile('ranks', 0.05) }} as p05,
    {{ percentile('ranks', 0.25) }} as p25,
    {{ percentile('ranks', 0.5) }} as p50,
    {{ percentile('ranks', 0.75) }} as p75,
    {{ percentile('ranks', 0.95) }} as p95,
    mean,
    standard_error
from ordered
