-- Percentiles over replicates; no rows with one replicate, and none of the loaded cost in results of an earlier version
-- of the program, which lack it.
with summary as (
    from fct_year_summary
    union all by name
    select cast(null as decimal(18, 2)) as loaded_cost
    where false
),

figures as (
    select
        scenario_id,
        simulation_year,
        unnest([
            { 'key': 'headcount', 'name': 'Closing headcount', 'value': cast(ending_headcount as double) },
            { 'key': 'promotions', 'name': 'Promotions', 'value': cast(promotions as double) },
            { 'key': 'payroll', 'name': 'Closing payroll', 'value': cast(ending_payroll as double) },
            { 'key': 'paid', 'name': 'Paid in the year', 'value': cast(prorated_payroll as double) },
            { 'key': 'loaded_cost', 'name': 'Loaded cost', 'value': cast(loaded_cost as double) }
        ]) as figure
    from summary
),

ordered as (
    select
        scenario_id,
        simulation_year,
        figure['key'] as figure_key,
        figure['name'] as figure,
        list_sort(list(figure['value'])) as ranks,
        avg(figure['value']) as mean,
        stddev_samp(figure['value']) / sqrt(count(*)) as standard_error
    from figures
    where figure['value'] is not null
    group by scenario_id, simulation_year, figure['key'], figure['name']
    having count(*) > 1
),

-- interpolated from the rank below, as in fct_year_bands, so that equal numbers give the same number
cut as (
    select
        * exclude (ranks),
        list_transform(
            [0.05, 0.25, 0.5, 0.75, 0.95],
            lambda share: ranks[1 + cast(floor((len(ranks) - 1) * share) as integer)]
            + ((len(ranks) - 1) * share - floor((len(ranks) - 1) * share))
            * (
                ranks[1 + cast(ceil((len(ranks) - 1) * share) as integer)]
                - ranks[1 + cast(floor((len(ranks) - 1) * share) as integer)]
            )
        ) as percentiles
    from ordered
)

select
    scenario_id,
    simulation_year,
    figure_key,
    figure,
    percentiles[1] as p05,
    percentiles[2] as p25,
    percentiles[3] as p50,
    percentiles[4] as p75,
    percentiles[5] as p95,
    mean,
    standard_error
from cut
order by figure, scenario_id, simulation_year
