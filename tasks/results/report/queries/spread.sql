with figures as (
    select scenario_id, simulation_year, unnest([
        {'name': 'Closing headcount', 'value': ending_headcount::double},
        {'name': 'Promotions', 'value': promotions::double},
        {'name': 'Closing payroll', 'value': ending_payroll::double},
        {'name': 'Paid in the year', 'value': prorated_payroll::double}
    ]) as figure
    from fct_year_summary
),

ordered as (
    select
        scenario_id, simulation_year, figure.name, list_sort(list(figure.value)) as ranks,
        avg(figure.value) as mean, stddev_samp(figure.value) / sqrt(count(*)) as standard_error
    from figures group by all having count(*) > 1
),

-- as fct_year_bands has them: from the rank below on, so that equal numbers stay what they are
cut as (
    select
        * exclude (ranks),
        list_transform(
            [0.05, 0.25, 0.5, 0.75, 0.95],
            lambda share: ranks[1 + floor((len(ranks) - 1) * share)::integer]
            + ((len(ranks) - 1) * share - floor((len(ranks) - 1) * share))
            * (
                ranks[1 + ceil((len(ranks) - 1) * share)::integer]
                - ranks[1 + floor((len(ranks) - 1) * share)::integer]
            )
        ) as p
    from ordered
)

select scenario_id, simulation_year, name, p[1], p[2], p[3], p[4], p[5], mean, standard_error
from cut order by 3, 1, 2
