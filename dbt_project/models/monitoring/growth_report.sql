-- Growth in detail, one row per scenario and year: achieved over replicates, target, limits, the years that the
-- census covers, and earlier runs of the same input.
with summary as (
    select * from {{ ref('growth_achieved') }}
),

tolerances as (
    select * from {{ ref('stg_tolerances') }}
),

achieved as (
    select
        scenario_id,
        simulation_year,
        count(*) as replicates,
        avg(growth_rate) as growth_mean,
        min(growth_rate) as growth_min,
        max(growth_rate) as growth_max
    from summary
    group by scenario_id, simulation_year
),

trend as (
    select
        count(*) as history_years,
        median(growth_rate) as history_median,
        min(growth_rate) as history_min,
        max(growth_rate) as history_max,
        arg_max(growth_rate, history_year) as history_last
    from {{ ref('growth_history') }}
),

earlier as (
    select
        scenario_id,
        simulation_year,
        count(distinct run_id) as earlier_runs,
        median(ending_headcount / opening_headcount - 1) as earlier_median
    from {{ source('inputs', 'earlier_runs') }}
    where opening_headcount > 0
    group by scenario_id, simulation_year
)

select
    achieved.scenario_id,
    achieved.simulation_year,
    achieved.replicates,
    targets.target_growth_rate,
    achieved.growth_mean,
    achieved.growth_min,
    achieved.growth_max,
    achieved.growth_mean - targets.target_growth_rate as deviation,
    tolerances.growth as tolerated_deviation,
    tolerances.min_growth as allowed_min,
    tolerances.max_growth as allowed_max,
    trend.history_years,
    trend.history_median,
    trend.history_min,
    trend.history_max,
    trend.history_last,
    targets.target_growth_rate - trend.history_median as deviation_from_history,
    tolerances.growth_history as tolerated_from_history,
    coalesce(earlier.earlier_runs, 0) as earlier_runs,
    earlier.earlier_median,
    achieved.growth_mean - earlier.earlier_median as deviation_from_earlier_runs
from achieved
inner join {{ ref('stg_growth_targets') }} as targets
    on achieved.scenario_id = targets.scenario_id and achieved.simulation_year = targets.simulation_year
cross join tolerances
cross join trend
left join earlier
    on achieved.scenario_id = earlier.scenario_id and achieved.simulation_year = earlier.simulation_year
