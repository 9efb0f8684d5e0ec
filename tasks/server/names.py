"""Names of this product's deployments, tags and work pools on a Prefect server."""

#: The deployments, FLOW/NAME; prefect.yaml describes each. People and schedules start the first one.
RUNS = "multi-year/default"
ONE_YEAR = "single-year/one-year"
SHARDS = "shard/part-of-a-run"
FIT = "fit/from-history"
BACKTEST = "backtest/from-history"
REFORECAST = "reforecast/monthly"
ALERTS = "notify/alerts"
DEPLOYMENTS = (RUNS, ONE_YEAR, SHARDS, FIT, BACKTEST, REFORECAST, ALERTS)
#: Those for which the settings may have schedules.
SCHEDULED = (RUNS, REFORECAST)

#: Names in earlier versions, of those that had another; deployments with these names are moved to the
#: new ones.
FORMER = {ONE_YEAR: "single-year/default", SHARDS: "shard/default", ALERTS: "notify/default"}

#: What the names of flow runs of a reforecast begin with; the settings file follows.
REFORECAST_BY = "reforecast by "

RUN_TAG, ALERT_TAG = "workforce", "workforce-alerts"
RUN_POOL, SHARD_POOL, ALERT_POOL = "workforce", "workforce-shards", "workforce-alerts"
#: The command that serves each work pool.
SERVED_BY = {
    RUN_POOL: f"prefect worker start --pool {RUN_POOL}",
    SHARD_POOL: f"prefect worker start --pool {SHARD_POOL}",
    ALERT_POOL: "workforce alerts serve",
}
