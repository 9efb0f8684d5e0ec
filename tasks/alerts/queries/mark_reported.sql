-- Changes no row where another courier reported the alert meanwhile.
update alerts
set
    told_count = $count,
    level = max($level, level)
where
    id = $id
    and told_count = $reported_before
    and level = $level_before
