-- The year under simulation and its calendar: a fiscal year, named by the calendar year in which it ends. If the
-- opening date lies in the first year, that year is a stub, of which the days after the opening date are simulated.
with control as (
    select
        *,
        fiscal_month = 1 and fiscal_day = 1 as is_calendar_year
    from {{ source('inputs', 'run_control') }}
),

years as (
    select
        *,
        {{ fiscal_year_start('simulation_year') }} as fiscal_year_start,
        {{ fiscal_year_start('simulation_year + 1') }} as next_year_start,
        {{ fiscal_year_start('start_year') }} as run_fiscal_start,
        {{ fiscal_year_start('start_year + 1') }} as second_year_start,
        {{ fiscal_year_start('end_year + 1') }} - 1 as run_end
    from control
),

simulated as (
    select
        *,
        next_year_start - fiscal_year_start as days_in_year,
        case when simulation_year < start_year then opening_date else next_year_start - 1 end as year_end,
        case
            when simulation_year = start_year then greatest(fiscal_year_start, opening_date + 1) else fiscal_year_start
        end as year_start,
        (second_year_start - greatest(run_fiscal_start, opening_date + 1)) / (second_year_start - run_fiscal_start)
            as first_year_fraction,
        case when has_actuals then 1 else first_year_fraction end as first_target_fraction
    from years
)

select
    simulation_year,
    start_year,
    end_year,
    random_seed,
    is_uncertain,
    has_own_draws,
    has_actuals and simulation_year = start_year as has_actuals,
    fiscal_month,
    fiscal_day,
    is_calendar_year,
    opening_date,
    run_end,
    fiscal_year_start,
    year_start,
    year_end,
    days_in_year,
    run_fiscal_start,
    second_year_start - run_fiscal_start as days_in_first_year,
    first_year_fraction,
    case when simulation_year = start_year then first_year_fraction else 1 end as year_fraction,
    first_target_fraction,
    case when simulation_year = start_year then first_target_fraction else 1 end as target_fraction,
    -- of the fiscal year's months, the days simulated before the first and up to the end of each
    list_transform(
        range(13),
        lambda months: cast(
            greatest(0, cast(fiscal_year_start + to_months(cast(months as integer)) as date) - year_start) as integer
        )
    ) as days_to_month_ends
from simulated
