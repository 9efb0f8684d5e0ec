-- Experienced terminations beside those expected (known leavers, and the hazards of the others as used), by cause and
-- by each attribute of the opening workforce at the start of the year. Grain: path, year, attribute, value and cause.
{{ config(materialized='year_append', tags=['year']) }}

-- Materialised: read once per attribute.
with cells as materialized (
    select * from {{ ref('int_turnover_cells') }}
),

attributes as (
    {%- for attribute, value in [
        ('total', "'total'"), ('age_band', 'age_band'), ('tenure_band', 'tenure_band'), ('level', 'level')
    ] %}
    select
        * exclude (combination_id, age_band, tenure_band, level),
        '{{ attribute }}' as attribute,
        {{ value }} as value
    from cells
    union all by name
    {%- endfor %}
    select
        cells.* exclude (combination_id, age_band, tenure_band, level), -- noqa: RF02
        dimension_values.dimension as attribute,
        dimension_values.dimension_value as value
    from cells
    inner join {{ ref('stg_dimension_values') }} as dimension_values
        on cells.combination_id = dimension_values.combination_id
)

select
    scenario_id,
    replicate,
    simulation_year,
    attribute,
    value,
    cause,
    cast(sum(opening_headcount) as bigint) as opening_headcount,
    cast(sum(known_terminations) as bigint) as known_terminations,
    cast(sum(expected_terminations) as decimal(18, 6)) as expected_terminations,
    cast(coalesce(sum(terminations), 0) as bigint) as terminations
from attributes
group by scenario_id, replicate, simulation_year, attribute, value, cause
