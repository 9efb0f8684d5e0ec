-- Channels that received the alert, but not yet that it is resolved.
select deliveries.channel
from deliveries
cross join json_each(deliveries.alert_ids) as addressed
where addressed.value = $alert_id
group by deliveries.channel
having max(not deliveries.is_good and deliveries.status = 'delivered') and not max(deliveries.is_good)
