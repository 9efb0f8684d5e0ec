-- Growth of the year under simulation: within the limits, on target, and in line with the years before the
-- first, as far as the census covers them.
with control as (
    select * from {{ ref('stg_control') }}
),

tolerances as (
    select * from {{ ref('stg_tolerances') }}
),

parameters as (
    select * from {{ ref('stg_parameters') }}
),

summary as (
    select summary.*
    from {{ ref('fct_year_summary') }} as summary
    inner join control on summary.simulation_year = control.simulation_year
),

trend as (
    select
        count(*) as years,
        median(growth_rate) as growth
    from {{ ref('growth_history') }}
),

-- Not a deviation: half an employee, since headcounts are whole numbers, and if new-hire terminations are drawn,
-- six standard deviations of a binomial number (at most sqrt(hires) / 2 each).
chance as (
    select
        summary.scenario_id,
        summary.replicate,
        0.5 + case when parameters.mode <> 'exact' then 3 * sqrt(summary.hires) else 0 end as employees
    from summary
    inner join parameters on summary.scenario_id = parameters.scenario_id
),

compared as (
    select
        summary.scenario_id,
        summary.replicate,
        summary.ending_headcount - summary.opening_headcount
        between tolerances.min_growth * summary.opening_headcount - chance.employees
        and tolerances.max_growth * summary.opening_headcount + chance.employees as is_within_limits,
        abs(summary.ending_headcount - summary.opening_headcount * (1 + parameters.target_growth_rate))
        <= chance.employees + tolerances.growth * summary.opening_headcount as is_on_target,
        -- the target is the same in every replicate: only the first is compared
        summary.replicate > min(summary.replicate) over ()
        or trend.years = 0
        or abs(parameters.target_growth_rate - trend.growth) <= tolerances.growth_history as follows_history,
        concat(
            'growth of ', coalesce(round(100 * summary.growth_rate, 2), 0), ' %, target ',
            round(100 * parameters.target_growth_rate, 2), ' %, allowed ',
            round(100 * tolerances.min_growth, 2), ' to ', round(100 * tolerances.max_growth, 2), ' %, ',
            summary.opening_headcount, ' to ', summary.ending_headcount, ' employees'
        ) as achieved,
        concat(
            'target ', round(100 * parameters.target_growth_rate, 2), ' %, median of ', trend.years,
            case when trend.years = 1 then ' year' else ' years' end, ' in the census ',
            round(100 * trend.growth, 2), ' %, tolerated difference ',
            round(100 * tolerances.growth_history, 2), ' points'
        ) as trend_figures
    from summary
    inner join parameters on summary.scenario_id = parameters.scenario_id
    cross join tolerances
    cross join trend
    inner join chance on summary.scenario_id = chance.scenario_id and summary.replicate = chance.replicate
)

{{ check_rows('compared', [
    ('validate_growth_rates', 'is_within_limits', 'achieved growth within simulation.limits', 'achieved'),
    ('growth_on_target', 'is_on_target', 'achieved growth as targeted, within checks.tolerances.growth', 'achieved'),
    ('growth_against_history', 'follows_history',
        'target growth as the median of the years in the census, within checks.tolerances.growth_history',
        'trend_figures')
]) }}
