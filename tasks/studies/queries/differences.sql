with baseline as (
    select * exclude (scenario_id)
    from figures
    where scenario_id = $baseline
),

paired as (
    select
        figures.scenario_id,
        figures.breakdown,
        figures.item,
        figures.rest_of,
        figures.figure,
        figures.simulation_year,
        figures.value,
        baseline.value as baseline_value,
        figures.value - baseline.value as difference
    from figures
    inner join baseline
        on
            figures.replicate = baseline.replicate
            and figures.simulation_year = baseline.simulation_year
            and figures.breakdown = baseline.breakdown
            and figures.item is not distinct from baseline.item
            and figures.rest_of is not distinct from baseline.rest_of
            and figures.figure = baseline.figure
    where
        figures.scenario_id <> $baseline
        and figures.value is not null
        and baseline.value is not null
)

select
    scenario_id,
    breakdown,
    item,
    figure,
    simulation_year,
    count(*) as replicates,
    avg(baseline_value) as baseline,
    avg(value) as scenario,
    avg(difference) as difference,
    stddev_samp(difference) / sqrt(count(*)) as standard_error,
    sqrt((var_samp(value) + var_samp(baseline_value)) / count(*)) as independent_standard_error,
    -- null where the difference is the same in every replicate
    (var_samp(value) + var_samp(baseline_value)) / nullif(var_samp(difference), 0) as variance_ratio
from paired
group by scenario_id, breakdown, item, rest_of, figure, simulation_year
-- two scenarios without targets may have several rests, all named `others`: none is the one to compare
qualify count(*) over (partition by scenario_id, breakdown, item, figure, simulation_year) = 1
order by scenario_id, breakdown, item, figure, simulation_year
