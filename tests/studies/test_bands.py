"""Percentile bands over replicates, against numpy on the same rows."""

import math

import numpy as np
import polars as pl

from tests.simulate import Finished

PERCENTILES = {"p05": 5, "p25": 25, "p50": 50, "p75": 75, "p95": 95}


def test_every_band_is_numpys_percentile(finished: Finished) -> None:
    bands = {
        (row["scenario_id"], row["simulation_year"], row["metric"]): row
        for row in finished.query("select * from fct_year_bands").iter_rows(named=True)
    }
    key = ["scenario_id", "replicate", "simulation_year"]
    metrics = [name for name in finished.summary.columns if name not in key]
    assert len(bands) == 3 * 2 * len(metrics)
    for (scenario, year), rows in finished.summary.group_by("scenario_id", "simulation_year"):
        assert rows.height == 5
        for metric in metrics:
            values = rows[metric].cast(float).to_numpy()
            band = bands[scenario, year, metric]
            for name, percentile in PERCENTILES.items():
                assert math.isclose(band[name], np.percentile(values, percentile), rel_tol=1e-12), (
                    metric,
                    name,
                )
            assert math.isclose(band["mean"], values.mean(), rel_tol=1e-12)
            assert math.isclose(
                band["standard_error"], values.std(ddof=1) / math.sqrt(5), rel_tol=1e-9, abs_tol=1e-12
            )


def test_a_figure_that_does_not_vary_is_itself_in_every_percentile(finished: Finished) -> None:
    """To the last digit: a target met exactly is no 2,019.0000000000002."""
    bands = finished.query("select * from fct_year_bands")
    constant = finished.summary.group_by("scenario_id", "simulation_year").agg(
        pl.col("ending_headcount").min().alias("least"), pl.col("ending_headcount").max().alias("most")
    )
    rows = bands.filter(metric="ending_headcount").join(constant, on=["scenario_id", "simulation_year"])
    rows = rows.filter(pl.col("least") == pl.col("most"))
    assert rows.height
    for name in PERCENTILES:
        assert (rows[name] == rows["least"]).all()
    assert (bands["p05"] <= bands["p25"]).all() and (bands["p75"] <= bands["p95"]).all()
