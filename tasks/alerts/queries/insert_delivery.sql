insert into deliveries (
    desk, channel, severity, subject, text, markdown, alert_ids, created_at, due_at, level, is_good
)
values ($desk, $channel, $severity, $subject, $text, $markdown, $alert_ids, $now, $due, $level, $is_good)
