-- Experienced terminations of the opening workforce beside those expected: known leavers, and the hazards of the others
-- as used, each split over the causes by their shares of it. Grain: path, year, bands of age and tenure, level,
-- combination and cause. Sums of decimals do not depend on the order of rows.
with control as (
    select * from {{ ref('stg_control') }}
),

leavers as (
    select * from {{ ref('int_workforce_events') }}
    where event_type = 'termination' and event_reason = 'experienced'
),

-- few cells instead of employees, as all that follows depends on these columns only
cells as (
    select
        pay.scenario_id,
        pay.replicate,
        {{ parameter_replicate('pay') }} as parameter_replicate,
        pay.simulation_year,
        pay.opening_level as level,
        pay.age,
        pay.tenure,
        pay.opening_combination_id as combination_id,
        coalesce(classes.factor_class, 0) as factor_class,
        case
            when pay.is_known_leaver then null
            when {{ is_outside_quota('pay') }} then 0.0
            else pay.termination_hazard
        end as hazard_used,
        leavers.cause as cause_of_leaving,
        count(*) as employees
    from {{ ref('int_year_pay') }} as pay
    cross join control
    inner join {{ ref('stg_parameters') }} as parameters on pay.scenario_id = parameters.scenario_id
    left join leavers
        on
            pay.scenario_id = leavers.scenario_id
            and pay.replicate = leavers.replicate
            and pay.simulation_year = leavers.simulation_year
            and pay.employee_id = leavers.employee_id
    left join {{ ref('stg_factor_classes') }} as classes
        on pay.scenario_id = classes.scenario_id and pay.opening_combination_id = classes.combination_id
    where not pay.is_hire
    group by all
),

{{ hazards_by_cause('cells', where="rates.rate = 'termination'") }},

{{ weights_of_causes() }},

shares as (
    select
        *,
        weight / sum(weight) over (partition by hazard_kind, parameter_replicate) as share
    from weighted
)

select
    cells.scenario_id,
    cells.replicate,
    cells.simulation_year,
    cells.combination_id,
    shares.age_band,
    shares.tenure_band,
    cast(cells.level as varchar) as level,
    shares.cause,
    sum(cells.employees) as opening_headcount,
    coalesce(
        sum(cells.employees) filter (where cells.hazard_used is null and cells.cause_of_leaving = shares.cause), 0
    ) as known_terminations,
    known_terminations
    + sum(cells.employees * coalesce(cast(cells.hazard_used * shares.share as decimal(18, 12)), 0))
        as expected_terminations,
    sum(cells.employees) filter (where cells.cause_of_leaving = shares.cause) as terminations
from cells
{{ join_hazards('cells', 'shares') }}
group by all
