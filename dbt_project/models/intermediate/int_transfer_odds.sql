-- Where a random transfer leads: for each value that an employee can have, the other values and their weights, as
-- ranges [weight_from, weight_to) of the total weight. Grain: path, value before and value after.
with destinations as (
    select * from {{ ref('stg_transfer_destinations') }}
),

wanted as (
    select distinct
        scenario_id,
        dimension
    from destinations
),

headcounts as (
    select
        exposure.scenario_id,
        exposure.replicate,
        dimension_values.dimension,
        dimension_values.dimension_value,
        count(*) as employees
    from {{ ref('int_exposure') }} as exposure
    inner join {{ ref('stg_dimension_values') }} as dimension_values
        on exposure.combination_id = dimension_values.combination_id
    -- a scenario without transfers has no destinations, and its workforce is not counted
    inner join wanted
        on exposure.scenario_id = wanted.scenario_id and dimension_values.dimension = wanted.dimension
    group by exposure.scenario_id, exposure.replicate, dimension_values.dimension, dimension_values.dimension_value
),

weighted as (
    select
        paths.replicate,
        destinations.*,
        coalesce(
            cast(destinations.share * 1000000000000 as bigint), headcounts.employees, 0
        ) as weight
    from destinations
    inner join {{ ref('stg_paths') }} as paths on destinations.scenario_id = paths.scenario_id
    left join headcounts
        on
            destinations.scenario_id = headcounts.scenario_id
            and paths.replicate = headcounts.replicate
            and destinations.value is not distinct from headcounts.dimension_value
),

-- every value that an employee can have, also those to which no transfer leads
origins as (
    select distinct
        dimension,
        dimension_value
    from {{ ref('stg_dimension_values') }}
),

others as (
    select
        destination.scenario_id,
        destination.replicate,
        destination.dimension,
        origin.dimension_value as value_before,
        destination.move_id,
        destination.weight,
        sum(destination.weight) over (
            partition by destination.scenario_id, destination.replicate, origin.dimension_value
            order by destination.value nulls last
        ) as weight_to,
        sum(destination.weight) over (
            partition by destination.scenario_id, destination.replicate, origin.dimension_value
        ) as total_weight
    from weighted as destination
    inner join origins as origin
        on
            destination.dimension = origin.dimension
            and destination.value is distinct from origin.dimension_value
)

select
    * exclude (weight),
    weight_to - weight as weight_from
from others
