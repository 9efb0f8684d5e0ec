{# What the hazards of an employee depend on; factor_class stands for the dimensions (stg_factor_classes). #}
{% macro columns_of_profile() %}{{ return(['scenario_id', 'level', 'age', 'tenure', 'factor_class']) }}{% endmacro %}

{#
  The kind of a profile and the replicate as one key. A join by two columns could begin with the replicate, which all
  rows share where assumptions are certain, and take a hundred times as long.
#}
{% macro kind_of_replicate(kinds, replicates) -%}
  {{ kinds }}.hazard_kind * 4294967296 + {{ replicates }}.parameter_replicate
{%- endmacro %}

{#
  Join of `rows`, which have the columns of a profile and parameter_replicate, with the hazards of their kind: to the
  CTE `profiles` of hazards_by_cause, and to `hazards`, whose rows have a kind and replicate.
#}
{% macro join_hazards(rows, hazards) -%}
inner join profiles
    on
    {%- for column in columns_of_profile() %}
        {{ 'and ' if not loop.first }}{{ rows }}.{{ column }} = profiles.{{ column }}
    {%- endfor %}
inner join {{ hazards }}
    on
        {{ kind_of_replicate('profiles', rows) }}
        = {{ kind_of_replicate(hazards, hazards) }}
{%- endmacro %}

{#
  The CTE `hazards_by_cause` and those before it: the yearly probabilities of each kind of profile among `rows`, a CTE,
  for each replicate (0: all, where assumptions are certain): one row per cause of termination, for promotion and for
  transfer (int_rates). Profiles are of the same kind if they are in the same bands and have reached the same least ages
  and tenures of causes, so that hazards are computed for few kinds even where each replicate has its own. A probability
  is the base x the factors of age, tenure, level and dimensions (multiplied in this order), as drawn for the
  replicate, at most 1; 0 where the rate's least age or tenure is not reached, and for promotion at the top level. In the
  simulated part f of a year, the probability q of a termination or a transfer is 1 - (1 - q)^f.
#}
{% macro hazards_by_cause(rows, where='true') -%}
least_values as (
    select
        scenario_id,
        list(min_age) as least_ages,
        list(min_tenure) as least_tenures
    from {{ ref('stg_causes') }}
    group by scenario_id
),

banded as (
    select
        distinct_profiles.*,
        age_bands.age_band,
        tenure_bands.tenure_band,
        -- 0 where none is reached
        coalesce(list_max(list_filter(least_values.least_ages, lambda least: least <= distinct_profiles.age)), 0)
            as age_reached,
        coalesce(list_max(list_filter(least_values.least_tenures, lambda least: least <= distinct_profiles.tenure)), 0)
            as tenure_reached
    from (
        select distinct {{ columns_of_profile() | join(', ') }}
        from {{ rows }}
    ) as distinct_profiles
    inner join least_values on distinct_profiles.scenario_id = least_values.scenario_id
    inner join {{ ref('stg_age_bands') }} as age_bands
        on
            distinct_profiles.scenario_id = age_bands.scenario_id
            and {{ in_band('distinct_profiles.age', 'age_bands') }}
    inner join {{ ref('stg_tenure_bands') }} as tenure_bands
        on
            distinct_profiles.scenario_id = tenure_bands.scenario_id
            and {{ in_band('distinct_profiles.tenure', 'tenure_bands') }}
),

profiles as materialized (
    select
        *,
        dense_rank() over (
            order by scenario_id, level, age_band, tenure_band, factor_class, age_reached, tenure_reached
        ) as hazard_kind
    from banded
),

kinds as (
    select distinct * exclude (age, tenure)
    from profiles
),

hazards_by_cause as (
    select
        kinds.*,
        rates.parameter_replicate,
        rates.rate,
        rates.cause,
        rates.cause_number,
        case
            when
                kinds.level > rates.max_level
                or kinds.age_reached < rates.min_age
                or kinds.tenure_reached < rates.min_tenure
                then 0.0
            else least(
                1.0,
                rates.base_hazard
                * coalesce(age_factors.factor, 1.0)
                * coalesce(tenure_factors.factor, 1.0)
                * greatest(0.0, 1.0 - rates.level_damping * (kinds.level - 1))
                * coalesce(level_factors.factor, 1.0)
                * coalesce(class_factors.factor, 1.0)
            )
        end as yearly_hazard,
        case
            -- promotions have dates, of which those on or before the opening date are left out
            when control.year_fraction = 1 or rates.rate = 'promotion' then yearly_hazard
            else 1 - pow(1 - yearly_hazard, control.year_fraction)
        end as hazard
    from kinds
    cross join {{ ref('stg_control') }} as control
    inner join {{ ref('int_rates') }} as rates on kinds.scenario_id = rates.scenario_id
    {%- for attribute, value in [
        ('age', 'kinds.age_band'), ('tenure', 'kinds.tenure_band'), ('level', 'cast(kinds.level as varchar)')
    ] %}
    left join {{ ref('int_factors') }} as {{ attribute }}_factors
        on
            rates.scenario_id = {{ attribute }}_factors.scenario_id
            and rates.parameter_replicate = {{ attribute }}_factors.parameter_replicate
            and rates.rate_key = {{ attribute }}_factors.rate_key
            and {{ attribute }}_factors.attribute = '{{ attribute }}'
            and {{ attribute }}_factors.value = {{ value }}
    {%- endfor %}
    left join {{ ref('int_class_factors') }} as class_factors
        on
            rates.scenario_id = class_factors.scenario_id
            and rates.parameter_replicate = class_factors.parameter_replicate
            and rates.rate_key = class_factors.rate_key
            and kinds.factor_class = class_factors.factor_class
    where {{ where }}
)
{%- endmacro %}

{#
  The CTE `hazards`: one row per kind and replicate of `hazards_by_cause`, termination of any cause, promotion and
  transfer.
#}
{% macro hazards_of_kinds() -%}
hazards as (
    select
        hazard_kind,
        parameter_replicate,
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
    group by hazard_kind, parameter_replicate
)
{%- endmacro %}

{#
  The CTE `weighted`: the weight of each cause of `hazards_by_cause` among those who leave with the kind, ln(1 - q). A
  cause that is certain shares with other certain ones only; if no cause has a hazard, the first has all.
#}
{% macro weights_of_causes() -%}
weighted as (
    select
        *,
        case
            when max(hazard) over kind >= 1 then cast(hazard >= 1 as double)
            when max(hazard) over kind > 0 then -ln(1 - hazard)
            else cast(cause_number = min(cause_number) over kind as double)
        end as weight
    from hazards_by_cause
    window kind as (partition by hazard_kind, parameter_replicate)
)
{%- endmacro %}

{# The CTE `cumulated`: the weights of `weights_of_causes` as ranges [weight_from, weight_to) of total_weight. #}
{% macro shares_of_causes() -%}
{{ weights_of_causes() }},

cumulated as (
    select
        *,
        sum(weight) over (kind order by cause_number) as weight_to,
        weight_to - weight as weight_from,
        sum(weight) over (kind) as total_weight
    from weighted
    window kind as (partition by hazard_kind, parameter_replicate)
)
{%- endmacro %}
