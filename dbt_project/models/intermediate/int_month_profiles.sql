-- Spells of a path with the same level, dimensions and months of beginning and end, and their pay cumulated to the
-- end of each month. There are few such profiles, so spreading them over the months (int_month_movements) is cheap.
-- noqa: disable=LT05,RF02
with control as (
    select
        fiscal_month,
        fiscal_day,
        days_to_month_ends
    from {{ ref('stg_control') }}
),

cumulated as (
    select
        {%- for month in range(13) %}
        least(to_day, greatest(from_day - 1, control.days_to_month_ends[{{ month + 1 }}])) as to_day_{{ month }},
        {{ prorate(cent_days_to('to_day_' ~ month), 'days_in_year') }} as cents_to_{{ month }},
        {%- endfor %}
        scenario_id,
        replicate,
        simulation_year,
        combination_id,
        level,
        fte,
        from_day,
        to_day,
        {{ fiscal_month_of('(year_start + from_day - 1)') }} as from_month,
        {{ fiscal_month_of('(year_start + out_day - 1)') }} as out_month,
        greatest(
            case when is_transfer_out or termination_reason is not null then out_month end,
            {{ fiscal_month_of('(year_start + greatest(from_day, to_day) - 1)') }}
        ) as to_month,
        is_hire,
        is_transfer_in,
        is_transfer_out,
        termination_reason,
        cents_0,
        closing_cents
    from {{ ref('int_spells') }}
    cross join control
)

select
    scenario_id,
    replicate,
    simulation_year,
    combination_id,
    level,
    from_month,
    out_month,
    to_month,
    is_hire,
    is_transfer_in,
    is_transfer_out,
    termination_reason,
    count(*) as employees,
    sum(fte) as fte,
    cast(sum(from_day - 1) as bigint) as days_before,
    cast(sum(to_day) as bigint) as days_to_end,
    cast(sum(cents_0) as bigint) as opening_cents,
    cast(sum(closing_cents) as bigint) as closing_cents,
    cast([
        {%- for month in range(13) %}
        sum(cents_to_{{ month }}){{ ',' if not loop.last }}
        {%- endfor %}
    ] as bigint[]) as cents_to_month
from cumulated
group by all
