-- Unusual rates of events: the rates of each path in the year compared with those of earlier years, of the other
-- replicates and of earlier runs, by a robust z-score: distance from the median divided by 1.4826 x the median
-- absolute deviation, or by the rate's own standard deviation (Poisson) where that is larger.
-- Not examined: fewer observations than checks.tolerances.anomaly_history; replicates and runs of drawn assumptions.
with rates as (
    select * from {{ ref('event_rates') }}
),

judged as (
    select *
    from {{ rows_this_year('rates') }}
    where run_id is null
),

-- The rates that each is compared with. peer_replicate 0: any replicate.
peers as (
    select
        rates.*,
        case
            when rates.run_id is not null then 'anomaly_over_runs'
            when rates.simulation_year = control.simulation_year then 'anomaly_over_replicates'
            else 'anomaly_over_years'
        end as check_name,
        case when check_name = 'anomaly_over_years' then rates.replicate else 0 end as peer_replicate
    from rates
    inner join {{ ref('stg_control') }} as control
        on
            rates.simulation_year = control.simulation_year
            or (rates.simulation_year < control.simulation_year and rates.run_id is null)
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
        judged.* exclude (rate), -- noqa: RF02
        medians.observations < tolerances.anomaly_history
        or (control.is_uncertain and medians.check_name <> 'anomaly_over_years') as is_silent,
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
    cross join {{ ref('stg_tolerances') }} as tolerances
    cross join {{ ref('stg_control') }} as control
)

select
    check_name,
    count(*) filter (where not is_usual) as violations,
    count(*) filter (where not is_silent) as examined,
    'rates of rows and events per opening headcount within ' || any_value(limit_z)
    || ' robust standard deviations of the median of what they are compared with' as expected,
    {{ sample(path_text() ~ ", ': ', figure, ' at ', rate, ', median of ', observations, ' is ', median_rate,
        ', ', round(abs(z_score), 1), ' standard deviations ', case when z_score > 0 then 'more' else 'less' end",
        'not is_usual', '-abs(z_score), scenario_id, replicate') }} as at_fault
from scored
group by check_name
