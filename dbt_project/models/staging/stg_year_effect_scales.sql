-- Possible sizes of a rate's year effect, as ranges [probability_from, probability_to) of a uniform draw; the last
-- range has no end, since probabilities add up to 1 only up to rounding. Grain: rate and scale.
with scales as (
    select * from {{ source('inputs', 'year_effect_scales') }}
),

cumulated as (
    select
        *,
        sum(probability) over (partition by rate order by scale_number) as probability_to,
        max(scale_number) over (partition by rate) as last_scale
    from scales
)

select
    rate,
    scale_number,
    probability_to - probability as probability_from,
    case when scale_number < last_scale then probability_to end as probability_to,
    level_mean,
    level_sd,
    walk_sd,
    independent_sd
from cumulated
