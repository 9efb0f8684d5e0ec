select
    coalesce(sum(salary_cost), 0) as salary_cost,
    coalesce(sum(loaded_cost), 0) as loaded_cost
from months_in_scope
where list_contains(cast($months as date[]), month) and ($level is null or level = $level)
