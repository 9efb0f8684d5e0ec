-- Odd rates of events: each path's rates of the year against the years before, against the replicates of
-- its scenario, and against earlier runs, by a robust z-score: distance from the median in units of
-- 1.4826 x the median absolute deviation, or of the rate's own chance (Poisson) where that is larger.
-- Silent while there are fewer observations than checks.tolerances.anomaly_history.
with control as (
    select * from {{ ref('stg_control') }}
),

tolerances as (
    select * from {{ ref('stg_tolerances') }}
),

counts as (
    select
        null as run_id,
        scenario_id,
        replicate,
        simulation_year,
        opening_headcount,
        hires,
        experienced_terminations,
        new_hire_terminations,
        reductions,
        promotions,
        cola_raises,
        merit_raises,
        ending_headcount
    from {{ ref('fct_year_summary') }}
    union all by name
    select * from {{ source('inputs', 'earlier_runs') }}
),

figures as (
    select
        run_id,
        scenario_id,
        replicate,
        simulation_year,
        opening_headcount,
        unnest([
            { 'name': 'hires', 'events': hires },
            { 'name': 'experienced terminations', 'events': experienced_terminations },
            { 'name': 'new-hire terminations', 'events': new_hire_terminations },
            { 'name': 'reductions', 'events': reductions },
            { 'name': 'promotions', 'events': promotions },
            { 'name': 'COLA raises', 'events': cola_raises },
            { 'name': 'merit raises', 'events': merit_raises },
            { 'name': 'workforce rows', 'events': opening_headcount + hires },
            { 'name': 'ending headcount', 'events': ending_headcount }
        ]) as item
    from counts
    where opening_headcount > 0
),

rates as (
    select
        figures.run_id,
        figures.scenario_id,
        figures.replicate,
        figures.simulation_year,
        figures.opening_headcount,
        figures.item.name as figure,
        figures.item.events / figures.opening_headcount as rate
    from figures
),

judged as (
    select rates.*
    from rates
    inner join control on rates.simulation_year = control.simulation_year
    where rates.run_id is null
),

-- what each rate is judged by; peer_replicate 0: all replicates alike
peers as (
    select
        'anomaly_over_years' as check_name,
        rates.replicate as peer_replicate,
        rates.*
    from rates
    inner join control on rates.simulation_year < control.simulation_year
    where rates.run_id is null
    union all
    select
        'anomaly_over_replicates' as check_name,
        0 as peer_replicate,
        judged.*
    from judged
    union all
    select
        'anomaly_over_runs' as check_name,
        0 as peer_replicate,
        rates.*
    from rates
    inner join control on rates.simulation_year = control.simulation_year
    where rates.run_id is not null
),

medians as (
    select
        check_name,
        scenario_id,
        peer_replicate,
        figure,
        count(*) as observations,
        median(rate) as median_rate,
        mad(rate) as median_deviation
    from peers
    group by check_name, scenario_id, peer_replicate, figure
),

scored as (
    select
        medians.check_name,
        judged.scenario_id,
        judged.replicate,
        judged.figure,
        medians.observations < tolerances.anomaly_history as is_silent,
        medians.observations,
        (judged.rate - medians.median_rate) / greatest(
            1.4826 * medians.median_deviation,
            sqrt(greatest(medians.median_rate, 1 / judged.opening_headcount) / judged.opening_headcount)
        ) as z_score,
        tolerances.anomaly_z as limit_z,
        is_silent or abs(z_score) <= tolerances.anomaly_z as is_usual,
        round(judged.rate, 4) as rate,
        round(medians.median_rate, 4) as median_rate
    from judged
    inner join medians
        on
            judged.scenario_id = medians.scenario_id
            and judged.figure = medians.figure
            and (judged.replicate = medians.peer_replicate or medians.peer_replicate = 0)
    cross join tolerances
)

select
    check_name,
    count(*) filter (where not is_usual) as violations,
    count(*) filter (where not is_silent) as examined,
    concat(
        'rates of rows and events per opening headcount within ', any_value(limit_z),
        ' robust standard deviations of the median of what they are compared with'
    ) as expected,
    {{ sample(path_text() ~ ", ': ', figure, ' at ', rate, ', median of ', observations, ' is ', median_rate,
        ', ', round(abs(z_score), 1), ' standard deviations ', case when z_score > 0 then 'more' else 'less' end",
        'not is_usual', '-abs(z_score), scenario_id, replicate') }} as at_fault
from scored
group by check_name
