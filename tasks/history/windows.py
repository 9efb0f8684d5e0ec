"""The figures of each window: exposure, leavers and joiners."""

import polars as pl

from tasks.history.accepted import History

DAYS_PER_YEAR = 365


def window_figures(history: History) -> pl.DataFrame:
    """Return one row per window with its dates, opening headcount, exposure, leavers, rate and joiners.

    exposure is in person-years of the opening workforce: its headcount × days / 365, minus, for excluded
    leavers, the time after their exit (half of the window if its date is not known). rate is leavers, without
    the excluded ones, per person-year; joiners includes returns, and not those who left within the window,
    which are `joined_and_left`.
    """
    windows = pl.DataFrame(
        {"window": range(history.windows), "start": history.dates[:-1], "end": history.dates[1:]},
        schema={"window": pl.Int32, "start": pl.Date, "end": pl.Date},
    ).with_columns(days=(pl.col("end") - pl.col("start")).dt.total_days())
    opening = history.people.group_by(pl.col("list").alias("window")).agg(pl.len().alias("opening"))
    after_exit = (pl.col("end") - pl.col("exit_date")).dt.total_days()
    left = (
        history.leavers.join(windows, on="window")
        .group_by("window")
        .agg(
            (~pl.col("excluded")).sum().alias("leavers"),
            pl.col("excluded").sum(),
            after_exit.fill_null(pl.col("days") / 2).filter("excluded").sum().alias("unexposed_days"),
        )
    )
    joined = history.joiners.group_by("window").agg(
        (~pl.col("left")).sum().alias("joiners"),
        (pl.col("returns") & ~pl.col("left")).sum().alias("returns"),
        pl.col("left").sum().alias("joined_and_left"),
    )
    figures = windows
    for each in (opening, left, joined):
        figures = figures.join(each, on="window", how="left")
    exposure = (pl.col("opening") * pl.col("days") - pl.col("unexposed_days")) / DAYS_PER_YEAR
    return (
        figures.with_columns(pl.exclude("window", "start", "end", "days").fill_null(0))
        .with_columns(exposure=exposure)
        .with_columns(rate=pl.when(pl.col("exposure") > 0).then(pl.col("leavers") / pl.col("exposure")))
        .drop("unexposed_days")
        .sort("window")
    )


def leavers_by_reason(history: History) -> pl.DataFrame:
    """Return the leavers of all windows by reason: reason (null: not stated), excluded, leavers."""
    return (
        history.leavers.group_by("reason", "excluded")
        .agg(pl.len().alias("leavers"))
        .sort("leavers", "reason", descending=[True, False])
    )
