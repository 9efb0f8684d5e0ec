with faults as (
    select *
    from check_faults
    where check_name = $check
),

first_faults as (
    select *
    from faults
    order by scenario_id, replicate, employee_id
    limit $most
)

select
    concat(
        (select count(*) from faults), ' employees: ',
        string_agg(
            concat('scenario ', scenario_id, ', replicate ', replicate, ', employee ', employee_id, ': ', fault),
            '; '
            order by scenario_id, replicate, employee_id
        )
    ) as employees
from first_faults
having count(*) > 0
