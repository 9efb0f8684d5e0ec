"""What to do about each check that is violated: for mon_data_quality and the message of a stopped run."""

_ARITHMETIC = (
    "the figures contradict each other, which no setting can cause: do not use the year. `--resume ID` "
    "simulates it again; if it fails again, keep the run directory and report it"
)

_ANNUAL_PAY = (
    "the salary column must hold annual pay in the currency of workforce.levels: correct the file, or name "
    "its column of annual pay (census.columns.salary); where the pay is right, set workforce.levels to your "
    "own ranges"
)

ADVICE = {
    "census_data_validation": "correct the rows in the census (rejected.csv in the run directory has all of "
    "them), or lower census.max_rejected_share to refuse such a census",
    "census_low_pay": _ANNUAL_PAY,
    "census_high_pay": _ANNUAL_PAY,
    "census_old_age": "correct the birth dates in the file; a placeholder counts as missing once it is in "
    "census.empty_values, and its row as bad",
    "census_long_tenure": "correct the hire dates in the file, or name its column of hire dates "
    "(census.columns.hire_date)",
    "census_same_hire_date": "turnover and promotion depend on tenure: if the file has a column of original "
    "hire dates, name that (census.columns.hire_date)",
    "census_newest_hire": "export the census for the opening date, or move the opening date: it is 31 "
    "December of the year before simulation.start_year",
    "baseline_workforce_validated": "the database does not hold the census that was read: begin again with "
    "`--resume ID --from-year FIRST`; if it fails again, keep the run directory and report it",
    "assert_year_complete": _ARITHMETIC,
    "headcount_identity": _ARITHMETIC,
    "opening_equals_closing": "the year before was changed after it was completed: `--resume ID --from-year` "
    "that year",
    "quotas_met": _ARITHMETIC,
    "replay_identity": _ARITHMETIC,
    "event_counts": _ARITHMETIC,
    "payroll_identity": _ARITHMETIC,
    "merit_budget_spent": "see checks.tolerances.merit_cents_per_employee: each raise is rounded to the "
    "cent; a difference beyond that is an error to report",
    "months_add_up": _ARITHMETIC,
    "validate_growth_rates": "lower the targets (simulation.target_growth_rate), or widen "
    "simulation.limits.min_growth and max_growth if that growth is meant",
    "growth_on_target": "mode `expected` draws around its target: run more replicates, or raise "
    "checks.tolerances.growth; mode `exact` is always on target, else report it",
    "growth_against_history": "see growth_report: compare the target with the census's own years; if it is "
    "meant, raise checks.tolerances.growth_history",
    "anomaly_over_years": "see which setting changes in this year (a rate by year, a freeze); if none does, "
    "look at the year's events",
    "anomaly_over_replicates": "look at the events of the replicate named; a mean over replicates is little "
    "moved by one",
    "anomaly_over_runs": "compare this run's settings with those of the earlier runs (run.json of each)",
}
