-- Growth of the year under simulation: within the limits, on target (if the company has one), and in line with the
-- years before the first, as far as the census covers them.
with control as (
    select * from {{ ref('stg_control') }}
),

tolerances as (
    select * from {{ ref('stg_tolerances') }}
),

summary as (
    select
        summary.*,
        parameters.mode,
        case when parameters.has_growth_target then parameters.target_growth_rate end as target
    from {{ ref('growth_achieved') }} as summary
    inner join control on summary.simulation_year = control.simulation_year
    inner join {{ ref('stg_parameters') }} as parameters on summary.scenario_id = parameters.scenario_id
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
        0.5 + case when summary.mode <> 'exact' then 3 * sqrt(summary.hires) else 0 end as employees
    from summary
),

compared as (
    select
        summary.scenario_id,
        summary.replicate,
        summary.growth_rate is null
        or summary.ending_headcount - summary.opening_headcount
        between tolerances.min_growth * summary.opening_headcount - chance.employees
        and tolerances.max_growth * summary.opening_headcount + chance.employees as is_within_limits,
        summary.target is null
        or summary.growth_rate is null
        or abs(summary.ending_headcount - summary.opening_headcount * (1 + summary.target))
        <= chance.employees + tolerances.growth * summary.opening_headcount as is_on_target,
        -- the target is the same in every replicate: only the first is compared
        summary.replicate > min(summary.replicate) over ()
        or trend.years = 0
        or abs(coalesce(summary.target, summary.growth_rate, trend.growth) - trend.growth)
        <= tolerances.growth_history as follows_history,
        concat(
            'growth of ', coalesce(round(100 * summary.growth_rate, 2), 0), ' %, ',
            'target ' || round(100 * summary.target, 2) || ' %, ', 'allowed ',
            round(100 * tolerances.min_growth, 2), ' to ', round(100 * tolerances.max_growth, 2), ' %, ',
            summary.opening_headcount, ' to ', summary.ending_headcount, ' employees'
        ) as achieved,
        concat(
            coalesce('target ' || round(100 * summary.target, 2), 'growth ' || round(100 * summary.growth_rate, 2)),
            ' %, median of ', trend.years,
            case when trend.years = 1 then ' year' else ' years' end, ' in the census ',
            round(100 * trend.growth, 2),
            ' %, tolerated difference ', round(100 * tolerances.growth_history, 2), ' points'
        ) as trend_figures
    from summary
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
