insert or ignore into alerts (id, desk, fingerprint, severity, document, raised_at, last_at, told_count, level)
values ($id, $desk, $fingerprint, $severity, $document, $now, $now, 1, $level)
