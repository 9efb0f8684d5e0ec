select *
from alerts
where
    resolved_at > $since
    and not resolution_told
    and told_count > 0
    and coalesce($desk, resolved_desk) is resolved_desk
order by raised_at
