-- Experienced leavers of all years and replicates beside the number that the hazards give, by attribute and value.
-- Only ratios of hazards count in the scenarios of $relative (mode exact): they are scaled to the leavers of each year
-- without the known ones.
with by_value as (
    select
        scenario_id,
        replicate,
        simulation_year,
        attribute,
        value,
        any_value(opening_headcount) as opening_headcount,
        sum(terminations) as terminations,
        sum(known_terminations) as known_leavers,
        sum(expected_terminations) - known_leavers as hazards
    from fct_turnover_summary
    group by scenario_id, replicate, simulation_year, attribute, value
),

by_year as (
    select
        scenario_id,
        simulation_year,
        case
            when list_contains(cast($relative as varchar[]), scenario_id)
                then cast(sum(terminations - known_leavers) as double) / nullif(sum(hazards), 0)
            else 1.0
        end as scale
    from by_value
    where attribute = 'total'
    group by scenario_id, simulation_year
)

select
    by_value.scenario_id,
    regexp_replace(by_value.attribute, '^(age|tenure)_band$', '\1') as attribute,
    case when by_value.attribute = 'total' then 'all' else coalesce(by_value.value, '(none)') end as value,
    cast(sum(by_value.opening_headcount) as double) as exposed,
    cast(sum(by_value.terminations) as double) as leavers,
    cast(sum(by_value.known_leavers + by_value.hazards * coalesce(by_year.scale, 0)) as double) as expected,
    leavers / exposed as observed,
    expected / exposed as by_hazard,
    leavers / nullif(expected, 0) as ratio
from by_value
inner join by_year
    on by_value.scenario_id = by_year.scenario_id and by_value.simulation_year = by_year.simulation_year
group by by_value.scenario_id, by_value.attribute, by_value.value
order by
    by_value.scenario_id,
    list_position(['total', 'age_band', 'tenure_band', 'level'], by_value.attribute) nulls last,
    by_value.attribute,
    -- bands and levels by their number
    case
        when by_value.attribute in ('age_band', 'tenure_band', 'level')
            then coalesce(try_cast(regexp_extract(by_value.value, '^[0-9]+') as integer), 0)
    end,
    by_value.value nulls last
