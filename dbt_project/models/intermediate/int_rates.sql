-- The yearly rates that attributes change: one row per cause of termination, and one each for promotion and transfer,
-- with the base as drawn and who is eligible. Grain: scenario, replicate (0: all, where assumptions are certain), rate
-- and cause.
with causes as (
    select * from {{ ref('stg_causes') }}
),

effects as (
    select * from {{ ref('int_rate_effects') }}
),

replicates as (
    select distinct
        scenario_id,
        parameter_replicate
    from {{ ref('stg_paths') }}
),

levels as (
    select * from {{ ref('stg_levels') }}
),

rates as (
    select
        scenario_id,
        'termination' as rate,
        cause,
        cause_number,
        cast(base_hazard as double) as base_hazard,
        min_age,
        min_tenure
    from causes
    union all by name
    select
        scenario_id,
        'promotion' as rate,
        cast(promotion_base_hazard as double) as base_hazard,
        cast(promotion_level_damping as double) as level_damping
    from {{ ref('stg_parameters') }}
    union all by name
    select
        scenario_id,
        'transfer' as rate,
        cast(transfer_base_hazard as double) as base_hazard
    from {{ ref('stg_parameters') }}
    where transfer_base_hazard > 0
),

top_levels as (
    select
        scenario_id,
        max(level) as top_level
    from levels
    group by scenario_id
)

select
    rates.scenario_id,
    replicates.parameter_replicate,
    rates.rate,
    rates.cause,
    rates.cause_number,
    concat_ws(' ', rates.rate, rates.cause) as rate_key,
    rates.base_hazard * exp(coalesce(effects.log_effect, 0)) as base_hazard,
    coalesce(rates.level_damping, 0.0) as level_damping,
    coalesce(rates.min_age, 0) as min_age,
    coalesce(rates.min_tenure, 0) as min_tenure,
    -- there is no promotion at the top level
    case when rates.rate = 'promotion' then top_levels.top_level - 1 else top_levels.top_level end as max_level
from rates
inner join top_levels on rates.scenario_id = top_levels.scenario_id
inner join replicates on rates.scenario_id = replicates.scenario_id
left join effects
    on
        replicates.parameter_replicate = effects.parameter_replicate
        and concat_ws(' ', rates.rate, rates.cause) = effects.rate_key
