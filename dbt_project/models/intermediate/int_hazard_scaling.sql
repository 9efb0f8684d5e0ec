-- Mode `expected`: the factor by which the hazards of a path and termination pool are multiplied so that, capped at
-- 1, they sum to the target less the known leavers. Employees of one hazard form a cell, without known leavers; the
-- highest cells are capped one by one until the factor of the rest fits. Where even all positive hazards at 1 are too
-- few, those of hazard 0 share what is left. Employees outside the target (is_known_hire) do not count.
with cells as (
    select
        exposure.scenario_id,
        exposure.replicate,
        exposure.termination_pool,
        exposure.termination_hazard,
        count(exposure.known_leave_date) as known_leavers,
        count(*) - known_leavers as employees,
        cast(exposure.termination_hazard as decimal(18, 15)) as exact_hazard
    from {{ ref('int_exposure') }} as exposure
    cross join {{ ref('stg_control') }} as control
    where not {{ is_known_hire('exposure') }}
    group by exposure.scenario_id, exposure.replicate, exposure.termination_pool, exposure.termination_hazard
),

pools as (
    select * from {{ ref('int_termination_pools') }}
),

suffixed as (
    select
        cells.scenario_id,
        cells.replicate,
        cells.termination_pool,
        cells.termination_hazard,
        greatest(
            0,
            coalesce(
                pools.yearly_terminations - pools.past_terminations,
                sum(cells.employees + cells.known_leavers) over path * pools.termination_rate
            ) - sum(cells.known_leavers) over path
        ) as target,
        coalesce(sum(cells.employees) over higher, 0) as capped_employees,
        sum(cells.employees * cast(cells.exact_hazard as decimal(38, 15))) over this_and_lower as hazard_of_rest,
        coalesce(sum(cells.employees) filter (where cells.termination_hazard > 0) over path, 0) as exposed_employees,
        coalesce(sum(cells.employees) filter (where cells.termination_hazard = 0) over path, 0) as unexposed_employees
    from cells
    inner join pools
        on
            cells.scenario_id = pools.scenario_id
            and cells.replicate = pools.replicate
            and cells.termination_pool = pools.termination_pool
    where pools.mode = 'expected'
    window
        path as (partition by cells.scenario_id, cells.replicate, cells.termination_pool),
        higher as (
            partition by cells.scenario_id, cells.replicate, cells.termination_pool
            order by cells.termination_hazard desc rows between unbounded preceding and 1 preceding
        ),
        this_and_lower as (
            partition by cells.scenario_id, cells.replicate, cells.termination_pool
            order by cells.termination_hazard desc rows between current row and unbounded following
        )
),

candidates as (
    select
        *,
        cast(target - capped_employees as double) / cast(nullif(hazard_of_rest, 0) as double) as factor
    from suffixed
)

select
    scenario_id,
    replicate,
    termination_pool,
    -- the first factor that leaves its own highest cell at or below 1; none: every positive hazard is 1
    arg_max(factor, termination_hazard) filter (where factor * termination_hazard <= 1) as factor,
    case
        when any_value(target) > any_value(exposed_employees)
            then cast(any_value(target) - any_value(exposed_employees) as double) / any_value(unexposed_employees)
        else 0.0
    end as unexposed_hazard
from candidates
group by scenario_id, replicate, termination_pool
