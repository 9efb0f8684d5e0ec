select
    addressed.value as alert_id,
    deliveries.level,
    min(deliveries.created_at) as made_at,
    min(deliveries.finished_at) filter (where deliveries.status = 'delivered') as heard_at,
    min(deliveries.due_at) filter (where deliveries.status = 'pending' and deliveries.error is null) as waits_until
from deliveries
cross join json_each(deliveries.alert_ids) as addressed
where
    not deliveries.is_good
    and addressed.value in (select wanted.value from json_each($alert_ids) as wanted)
group by addressed.value, deliveries.level
