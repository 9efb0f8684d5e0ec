-- Known actions of the year under simulation that ask for more than the targets: hires by segment (or of all, where the
-- settings give the hires), and leavers of the opening workforce by termination pool.
with quotas as (
    select * from {{ ref('int_year_quotas') }}
),

known_leaves as (
    select
        scenario_id,
        replicate,
        termination_pool,
        case when termination_pool = 0 then 'all who share the total rate' else any_value(segment) end as members,
        cast(sum(opening_headcount) as bigint) as employees,
        cast(sum(known_leaves) as bigint) as leaves
    from quotas
    group by scenario_id, replicate, termination_pool
),

plans as (
    select
        scenario_id,
        replicate,
        concat(
            'known hires into segment ', segment, ': ', known_hires, ', hires that its target asks for: ', hire_quota
        ) as plan_figures,
        known_hires <= hire_quota as is_within_targets
    from quotas
    where target_headcount is not null
    union all
    -- given hires have no targets by segment
    select
        scenario_id,
        replicate,
        concat('known hires: ', sum(known_hires), ', hires that hiring.hires gives: ', sum(hire_quota)) as plan_figures,
        sum(known_hires) <= sum(hire_quota) as is_within_targets
    from quotas
    where target_headcount is null
    group by scenario_id, replicate
    union all
    select
        known_leaves.scenario_id,
        known_leaves.replicate,
        concat(
            'known leavers, by actions or a mandatory age, of ', known_leaves.members, ': ', known_leaves.leaves,
            ' of ', known_leaves.employees, ', experienced terminations by the rate: ',
            {{ terminations_due('known_leaves.employees') }}
        ) as plan_figures,
        -- without a target there is nothing to exceed
        pools.mode = 'rates'
        or known_leaves.leaves <= {{ terminations_due('known_leaves.employees') }}
            as is_within_targets
    from known_leaves
    inner join {{ ref('int_termination_pools') }} as pools
        on
            known_leaves.scenario_id = pools.scenario_id
            and known_leaves.replicate = pools.replicate
            and known_leaves.termination_pool = pools.termination_pool
)

{{ check_rows('plans', [
    ('plan_within_targets', 'is_within_targets', 'known leaves within the experienced turnover, known hires within the hires of the targets',
        'plan_figures')
]) }}
