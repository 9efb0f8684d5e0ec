-- The cause of each termination of the year: as known, `reduction_in_force`, or drawn from the causes' shares of the
-- hazard, ln(1 - q) / sum of ln(1 - q). A cause that is certain shares with other certain ones only; if no cause has
-- a hazard, the first counts. Grain: path and employee.
-- noqa: disable=LT02
with control as (
    select * from {{ ref('stg_control') }}
),

leavers as (
    select
        pay.scenario_id,
        pay.replicate,
        pay.employee_id,
        {{ parameter_replicate('pay') }} as parameter_replicate,
        pay.draw_key,
        pay.opening_level as level,
        pay.age,
        pay.tenure,
        coalesce(classes.factor_class, 0) as factor_class,
        coalesce(pay.is_known_leaver, false) as is_known,
        case
            when pay.termination_reason = 'reduction_in_force' then 'reduction_in_force' else pay.known_cause
        end as given_cause,
        {{ draw('termination_cause', 'pay.draw_key', 'pay.employee_id') }} as cause_draw
    from {{ ref('int_year_pay') }} as pay
    cross join control
    left join {{ ref('stg_factor_classes') }} as classes
        on pay.scenario_id = classes.scenario_id and pay.opening_combination_id = classes.combination_id
    where pay.termination_reason is not null
),

undecided as (
    select * from leavers
    where given_cause is null
),

{{ hazards_by_cause('undecided', where="rates.rate = 'termination'") }},

{{ shares_of_causes() }}

select
    undecided.scenario_id,
    undecided.replicate,
    undecided.employee_id,
    undecided.is_known,
    cumulated.cause
from undecided
{{ join_hazards('undecided', 'cumulated') }}
        and undecided.cause_draw * cumulated.total_weight < cumulated.weight_to
        and undecided.cause_draw * cumulated.total_weight >= cumulated.weight_from
union all
select
    scenario_id,
    replicate,
    employee_id,
    is_known,
    given_cause as cause
from leavers
where given_cause is not null
