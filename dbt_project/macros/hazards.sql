
{#
  The CTEs `{profiles}_banded` and `cause_hazards`: the yearly probability of each cause of termination by profile.
  `profiles` is a CTE with scenario_id, level, age, tenure and factor_class. A hazard is the cause's base x the
  factors of age, tenure, level and dimensions (in this order), at most 1, and 0 where the cause's least age or
  tenure is not reached.
#}
{% macro cause_hazards(profiles) -%}
{{ profiles }}_banded as (
    select
        {{ profiles }}.*,
        age_bands.age_band,
        tenure_bands.tenure_band
    from {{ profiles }}
    inner join {{ ref('stg_age_bands') }} as age_bands
        on {{ profiles }}.scenario_id = age_bands.scenario_id and {{ in_band(profiles ~ '.age', 'age_bands') }}
    inner join {{ ref('stg_tenure_bands') }} as tenure_bands
        on {{ profiles }}.scenario_id = tenure_bands.scenario_id and {{ in_band(profiles ~ '.tenure', 'tenure_bands') }}
),

cause_hazards as (
    select
        profiles.*,
        causes.cause,
        causes.cause_number,
        case
            when profiles.age < causes.min_age or profiles.tenure < causes.min_tenure then 0.0
            else least(1.0, {{ product_of_factors('causes.base_hazard') }})
        end as cause_hazard
    from {{ profiles }}_banded as profiles
    inner join {{ ref('stg_causes') }} as causes on profiles.scenario_id = causes.scenario_id
    {{ factor_joins("'termination'", 'causes.cause') }}
)
{%- endmacro %}

{# base x the factors that `factor_joins` has joined, in the order age, tenure, level, dimensions. #}
{% macro product_of_factors(base, damping='1.0') -%}
  cast({{ base }} as double)
  * coalesce(age_factors.factor, 1.0) * coalesce(tenure_factors.factor, 1.0) * {{ damping }}
  * coalesce(level_factors.factor, 1.0) * coalesce(class_factors.factor, 1.0)
{%- endmacro %}

{# Joins the factors of a rate (and cause) to `profiles`. #}
{% macro factor_joins(rate, cause='null') -%}
  {%- for attribute, value in [
      ('age', 'profiles.age_band'), ('tenure', 'profiles.tenure_band'), ('level', 'cast(profiles.level as varchar)')
  ] %}
    left join {{ ref('stg_factors') }} as {{ attribute }}_factors
        on
            profiles.scenario_id = {{ attribute }}_factors.scenario_id
            and {{ attribute }}_factors.rate = {{ rate }}
            and {{ attribute }}_factors.cause is not distinct from {{ cause }}
            and {{ attribute }}_factors.attribute = '{{ attribute }}'
            and {{ attribute }}_factors.factor_value = {{ value }}
  {%- endfor %}
    left join {{ ref('stg_class_factors') }} as class_factors
        on
            profiles.scenario_id = class_factors.scenario_id
            and profiles.factor_class = class_factors.factor_class
            and class_factors.rate = {{ rate }}
            and class_factors.cause is not distinct from {{ cause }}
{%- endmacro %}

{#
  The CTEs that end in `hazards`: the hazards of termination (all causes together), promotion and transfer of each
  profile (see `cause_hazards`).
#}
{% macro profile_hazards(profiles) -%}
{{ cause_hazards(profiles) }},

termination_hazards as (
    select
        scenario_id,
        level,
        age,
        tenure,
        factor_class,
        case
            when count(*) filter (where cause_hazard > 0) <= 1 then max(cause_hazard)
            -- a list, since the order in which factors are multiplied decides the last digit
            else 1 - list_aggregate(list(1 - cause_hazard order by cause_number), 'product')
        end as termination_hazard
    from cause_hazards
    group by scenario_id, level, age, tenure, factor_class
),

promotion_hazards as (
    select
        profiles.*,
        parameters.transfer_base_hazard,
        case
            when profiles.level >= levels.top_level then 0.0
            else least(1.0, {{ product_of_factors(
                'parameters.promotion_base_hazard',
                'greatest(0.0, 1.0 - cast(parameters.promotion_level_damping as double) * (profiles.level - 1))'
            ) }})
        end as promotion_hazard
    from {{ profiles }}_banded as profiles
    inner join {{ ref('stg_parameters') }} as parameters on profiles.scenario_id = parameters.scenario_id
    inner join {{ ref('stg_levels') }} as levels
        on profiles.scenario_id = levels.scenario_id and profiles.level = levels.level
    {{ factor_joins("'promotion'") }}
),

hazards as (
    select
        profiles.*,
        termination_hazards.termination_hazard,
        least(1.0, {{ product_of_factors('profiles.transfer_base_hazard') }}) as transfer_hazard
    from promotion_hazards as profiles
    inner join termination_hazards
        using (scenario_id, level, age, tenure, factor_class)
    {{ factor_joins("'transfer'") }}
)
{%- endmacro %}
