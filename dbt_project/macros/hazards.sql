{# What a hazard depends on; factor_class stands for the dimensions (stg_factor_classes). #}
{% macro columns_of_profile() %}{{ return(['scenario_id', 'level', 'age', 'tenure', 'factor_class']) }}{% endmacro %}

{# Join condition: two relations have the same profile. #}
{% macro has_profile(rows, profiles) -%}
  {%- for column in columns_of_profile() %}
  {{ 'and ' if not loop.first }}{{ rows }}.{{ column }} = {{ profiles }}.{{ column }}
  {%- endfor %}
{%- endmacro %}

{#
  The CTE `hazards_by_cause` and those before it: the yearly probabilities of each profile, one row per cause of
  termination, for promotion and for transfer (int_rates). Hazards depend on scenario, level, age, tenure and
  factor_class only, so they are computed once for each distinct profile among `rows`, a CTE. A probability is the base x the factors of age, tenure, level and dimensions (multiplied in
  this order), at most 1; 0 where the rate's least age or tenure is not reached, and for promotion at the top level.
#}
{% macro hazards_by_cause(rows, where='true') -%}
profiles as (
    select distinct {{ columns_of_profile() | join(', ') }}
    from {{ rows }}
),

banded as (
    select
        profiles.*,
        age_bands.age_band,
        tenure_bands.tenure_band
    from profiles
    inner join {{ ref('stg_age_bands') }} as age_bands
        on profiles.scenario_id = age_bands.scenario_id and {{ in_band('profiles.age', 'age_bands') }}
    inner join {{ ref('stg_tenure_bands') }} as tenure_bands
        on profiles.scenario_id = tenure_bands.scenario_id and {{ in_band('profiles.tenure', 'tenure_bands') }}
),

hazards_by_cause as (
    select
        banded.*,
        rates.rate,
        rates.cause,
        rates.cause_number,
        case
            when banded.level > rates.max_level or banded.age < rates.min_age or banded.tenure < rates.min_tenure then 0.0
            else least(
                1.0,
                rates.base_hazard
                * coalesce(age_factors.factor, 1.0)
                * coalesce(tenure_factors.factor, 1.0)
                * greatest(0.0, 1.0 - rates.level_damping * (banded.level - 1))
                * coalesce(level_factors.factor, 1.0)
                * coalesce(class_factors.factor, 1.0)
            )
        end as hazard
    from banded
    inner join {{ ref('int_rates') }} as rates on banded.scenario_id = rates.scenario_id
    {%- for attribute, value in [
        ('age', 'banded.age_band'), ('tenure', 'banded.tenure_band'), ('level', 'cast(banded.level as varchar)')
    ] %}
    left join {{ ref('stg_factors') }} as {{ attribute }}_factors
        on
            banded.scenario_id = {{ attribute }}_factors.scenario_id
            and rates.rate_key = {{ attribute }}_factors.rate_key
            and {{ attribute }}_factors.attribute = '{{ attribute }}'
            and {{ attribute }}_factors.value = {{ value }}
    {%- endfor %}
    left join {{ ref('stg_class_factors') }} as class_factors
        on
            banded.scenario_id = class_factors.scenario_id
            and banded.factor_class = class_factors.factor_class
            and rates.rate_key = class_factors.rate_key
    where {{ where }}
)
{%- endmacro %}

{# The CTE `hazards`: one row per profile of `hazards_by_cause`, termination of any cause, promotion and transfer. #}
{% macro hazards_of_profiles() -%}
hazards as (
    select
        {{ columns_of_profile() | join(', ') }},
        case
            when count(*) filter (where rate = 'termination' and hazard > 0) <= 1
                then max(hazard) filter (where rate = 'termination')
            -- a list, since the order in which factors are multiplied decides the last digit
            else
                1 - list_aggregate(
                    list(1 - hazard order by cause_number) filter (where rate = 'termination'), 'product'
                )
        end as termination_hazard,
        coalesce(max(hazard) filter (where rate = 'promotion'), 0.0) as promotion_hazard,
        coalesce(max(hazard) filter (where rate = 'transfer'), 0.0) as transfer_hazard
    from hazards_by_cause
    group by {{ columns_of_profile() | join(', ') }}
)
{%- endmacro %}

{#
  The CTE `weighted`: the weight of each cause of `hazards_by_cause` among those who leave with the profile, ln(1 - q). A
  cause that is certain shares with other certain ones only; if no cause has a hazard, the first has all.
#}
{% macro weights_of_causes() -%}
weighted as (
    select
        *,
        case
            when max(hazard) over profile >= 1 then cast(hazard >= 1 as double)
            when max(hazard) over profile > 0 then -ln(1 - hazard)
            else cast(cause_number = min(cause_number) over profile as double)
        end as weight
    from hazards_by_cause
    window profile as (partition by {{ columns_of_profile() | join(', ') }})
)
{%- endmacro %}

{# The CTE `cumulated`: the weights of `weights_of_causes` as ranges [weight_from, weight_to) of total_weight. #}
{% macro shares_of_causes() -%}
{{ weights_of_causes() }},

cumulated as (
    select
        *,
        sum(weight) over (profile order by cause_number) as weight_to,
        weight_to - weight as weight_from,
        sum(weight) over (profile) as total_weight
    from weighted
    window profile as (partition by {{ columns_of_profile() | join(', ') }})
)
{%- endmacro %}
