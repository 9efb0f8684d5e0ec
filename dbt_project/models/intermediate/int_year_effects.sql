-- The effect of a simulated year on the logarithm of a rate: the level at the end of the history, its walk since, and
-- what the year deviates on its own, with a size drawn per replicate. Grain: replicate, rate and year; no row where
-- assumptions are certain. A year does not depend on how many follow.
with scales as (
    select * from {{ ref('stg_year_effect_scales') }}
),

control as (
    select * from {{ ref('stg_control') }}
),

replicates as (
    select distinct
        paths.parameter_replicate,
        {{ replicate_key('paths.parameter_replicate') }} as replicate_key
    from {{ ref('stg_paths') }} as paths
    cross join control
),

rates as (
    select distinct rate
    from scales
),

years as (
    select unnest(range(start_year, end_year + 1)) as year
    from control
),

drawn as (
    select
        replicates.*,
        rates.rate,
        years.year as simulation_year,
        {{ draw('year_effect', 'replicates.replicate_key', "concat(rates.rate, '|scale')") }} as scale_draw,
        {{ normal_draw('year_effect', 'replicates.replicate_key', "concat(rates.rate, '|level')") }} as level_draw,
        {{ normal_draw('year_effect', 'replicates.replicate_key', "concat(rates.rate, '|walk|', years.year)") }}
            as step,
        {{ normal_draw('year_effect', 'replicates.replicate_key', "concat(rates.rate, '|year|', years.year)") }}
            as own_draw
    from replicates
    cross join rates
    cross join years
),

-- the steps up to each year in their order, on which the last digit of the sum depends
walked as (
    select
        drawn.*,
        list_sum(list(drawn.step) over (
            partition by drawn.parameter_replicate, drawn.rate
            order by drawn.simulation_year rows unbounded preceding
        )) as walk
    from drawn
)

select
    walked.parameter_replicate,
    walked.rate,
    walked.simulation_year,
    scales.scale_number,
    scales.level_mean
    + scales.level_sd * walked.level_draw
    + scales.walk_sd * walked.walk
    + scales.independent_sd * walked.own_draw as log_effect
from walked
inner join scales
    on
        walked.rate = scales.rate
        and walked.scale_draw >= scales.probability_from
        and (walked.scale_draw < scales.probability_to or scales.probability_to is null)
