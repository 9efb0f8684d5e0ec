-- The factors of the settings, and those that vary without being set, which are 1. `set_factors` and `rates` are the
-- settings'; $attributes has the attributes in the order in which factors are multiplied.
-- noqa: disable=RF02
with scenarios as (
    select distinct scenario_id
    from rates
),

varying as (
    select distinct
        scenarios.scenario_id,
        drawn.rate,
        drawn.cause,
        drawn.attribute,
        drawn.value
    from drawn
    cross join scenarios
    where drawn.attribute is not null
)

select * from set_factors
union all by name
select
    varying.*,
    list_position(cast($attributes as varchar[]), varying.attribute) - 1 as factor_number,
    cast(1 as double) as factor
from varying
left join set_factors
    on
        varying.scenario_id = set_factors.scenario_id
        and varying.rate = set_factors.rate
        and varying.cause is not distinct from set_factors.cause
        and varying.attribute = set_factors.attribute
        and varying.value is not distinct from set_factors.value
where set_factors.rate is null
