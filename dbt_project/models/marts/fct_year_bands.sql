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
)

select
    scenario_id,
    simulation_year,
    metric,
    quantile_cont(metric_value, 0.05) as p05,
    quantile_cont(metric_value, 0.25) as p25,
    quantile_cont(metric_value, 0.5) as p50,
    quantile_cont(metric_value, 0.75) as p75,
    quantile_cont(metric_value, 0.95) as p95,
    avg(metric_value) as mean,
    stddev_samp(metric_value) / sqrt(count(metric_value)) as standard_error
from metrics
group by scenario_id, simulation_year, metric
