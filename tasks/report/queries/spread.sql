with figures as (
    select scenario_id, simulation_year, unnest([
        {'name': 'Closing headcount', 'value': ending_headcount::double},
        {'name': 'Promotions', 'value': promotions::double},
        {'name': 'Closing payroll', 'value': ending_payroll::double},
        {'name': 'Paid in the year', 'value': prorated_payroll::double}
    ]) as figure
    from fct_year_summary
)

select
    scenario_id, simulation_year, figure.name, quantile_cont(figure.value, 0.05), quantile_cont(figure.value, 0.25),
    quantile_cont(figure.value, 0.5), quantile_cont(figure.value, 0.75), quantile_cont(figure.value, 0.95),
    avg(figure.value), stddev_samp(figure.value) / sqrt(count(*))
from figures group by all having count(*) > 1 order by 3, 1, 2
