"""Hires who leave in their year of hire."""

import numpy as np
import polars as pl

from tasks.evidence.estimate.credibility import EVENTS_OF_PRIOR
from tasks.evidence.estimate.estimate import COVERAGE, Estimate
from tasks.history.findings import LONG, SHORT
from tasks.history.windows import DAYS_PER_YEAR

HIGHEST_HAZARD = 50.0


def left_in_hire_year(hired: pl.DataFrame, prior_rate: float) -> tuple[Estimate, str]:
    """Return the share of hires who leave in the year of hire, and what it rests on.

    In windows of about a year it is the share of those who left before the next list. Hires are seen for a
    shorter or longer time if lists are closer or further apart; then it is computed from the leavers per year
    of that time, for hires spread evenly over a year. Few leavers are held near the rate of the settings by
    the weight of EVENTS_OF_PRIOR: the posterior mean under a beta or gamma prior, with its 90 % interval.

    Args:
        hired: Hires, with columns left, hire_date, exit_date, opened and closed (dates of the lists).
        prior_rate: The rate before the fit (share of hires, above 0 and below 1).
    """
    from scipy.stats import beta, gamma

    left, hires = int(hired["left"].sum()), hired.height
    days = hired.select((pl.col("closed") - pl.col("opened")).dt.total_days().alias("days"))["days"]
    years = _years_seen(hired)
    tails = ((1 - COVERAGE) / 2, (1 + COVERAGE) / 2)
    events = left + EVENTS_OF_PRIOR
    if days.is_between(SHORT, LONG).all() or years == 0:
        others = hires - left + EVENTS_OF_PRIOR / prior_rate - EVENTS_OF_PRIOR
        low, high = (float(beta.ppf(tail, events, others)) for tail in tails)
        return Estimate(events / (events + others), low, high, left, hires), f"{left:,} of {hires:,} hires"
    exposure = years + EVENTS_OF_PRIOR / _hazard_of(prior_rate)
    low, high = (_share_of_year(float(gamma.ppf(tail, events)) / exposure) for tail in tails)
    evidence = f"{left:,} leavers in the {years:,.0f} person-years between hire and the next list"
    return Estimate(_share_of_year(events / exposure), low, high, left, years), evidence


def _years_seen(hired: pl.DataFrame) -> float:
    """Return the person-years from hire to the exit or the next list."""
    start = pl.coalesce("hire_date", pl.col("opened") + (pl.col("closed") - pl.col("opened")) / 2)
    end = pl.when("left").then(pl.coalesce("exit_date", "closed")).otherwise("closed")
    return float(hired.select(((end - start).dt.total_days() + 1).clip(0).sum()).item()) / DAYS_PER_YEAR


def _share_of_year(hazard: float) -> float:
    """Return the share who leave by 31 December of those hired evenly over the year."""
    return 1 + float(np.expm1(-hazard)) / hazard if hazard > 0 else 0.0


def _hazard_of(share: float) -> float:
    """Return the hazard with which a share of the hires leaves by 31 December."""
    from scipy.optimize import brentq

    return float(brentq(lambda hazard: _share_of_year(hazard) - share, 1e-9, HIGHEST_HAZARD))
