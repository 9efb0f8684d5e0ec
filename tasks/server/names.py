"""What is ours on a Prefect server: the names of deployments, tags and work pools."""

#: The deployments, FLOW/NAME; prefect.yaml describes each. The first one is what people and schedules start.
RUNS = "multi-year/default"
ONE_YEAR = "single-year/one-year"
SHARDS = "shard/part-of-a-run"
ALERTS = "notify/alerts"
DEPLOYMENTS = (RUNS, ONE_YEAR, SHARDS, ALERTS)

#: Names that earlier versions gave: what is there under them moves to the new name.
FORMER = {ONE_YEAR: "single-year/default", SHARDS: "shard/default", ALERTS: "notify/default"}

RUN_TAG, ALERT_TAG = "workforce", "workforce-alerts"
RUN_POOL, SHARD_POOL, ALERT_POOL = "workforce", "workforce-shards", "workforce-alerts"
#: What serves each work pool.
SERVED_BY = {
    RUN_POOL: f"prefect worker start --pool {RUN_POOL}",
    SHARD_POOL: f"prefect worker start --pool {SHARD_POOL}",
    ALERT_POOL: "workforce alerts serve",
}
