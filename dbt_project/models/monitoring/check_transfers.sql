-- Transfers of the year under simulation net to zero in every path: those who leave a value of a dimension come to
-- another, in the year by dimension and in each month.
with years as (
    select
        scenario_id,
        replicate,
        concat('the year by ', dimension) as part,
        sum(transfers_in) as transfers_in,
        sum(transfers_out) as transfers_out
    from {{ rows_this_year(ref('fct_dimension_summary')) }}
    group by scenario_id, replicate, dimension
),

months as (
    select
        scenario_id,
        replicate,
        strftime(month, 'month %Y-%m') as part,
        sum(transfers_in) as transfers_in,
        sum(transfers_out) as transfers_out
    from {{ rows_this_year(ref('int_month_summary')) }}
    group by scenario_id, replicate, month
),

compared as (
    select
        *,
        transfers_in = transfers_out as nets_to_zero,
        concat(part, ': ', transfers_in, ' transfers in, ', transfers_out, ' out') as found
    from (
        select * from years
        union all
        select * from months
    ) as parts
)

{{ check_rows('compared', [
    ('transfers_net_to_zero', 'nets_to_zero', 'as many transfers in as out, by dimension in the year and in each month', 'found')
]) }}
