select 1
from deliveries
cross join json_each(deliveries.alert_ids) as addressed
where
    deliveries.is_good
    and deliveries.channel = $channel
    and addressed.value in (select wanted.value from json_each($alert_ids) as wanted)
