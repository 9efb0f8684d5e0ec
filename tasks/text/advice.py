"""Advice for each violated check: for mon_data_quality and for the message of a stopped run."""

_ARITHMETIC = (
    "the figures contradict each other, which no setting can cause: do not use the year. Simulate it again "
    "with `--resume ID`; if it fails again, keep the run directory and report the error"
)

_BALANCE = (
    "where fewer reductions were made than the targets ask for, the rest (targets.others: balance) would "
    "close below 0, as the segments need more people than the total target has: lower the segments' "
    "targets, raise simulation.target_growth_rate, or set targets.others: same, and start a new run; "
    "otherwise "
)

_ANNUAL_PAY = (
    "the salary column must hold annual pay in the currency of workforce.levels: correct the file, or name "
    "its column of annual pay (census.columns.salary); if the pay is right, set workforce.levels to your "
    "own ranges"
)

ADVICE = {
    "census_data_validation": "correct the rows in the census (all are in rejected.csv of the run "
    "directory), or lower census.max_rejected_share to refuse such a census",
    "census_low_pay": _ANNUAL_PAY,
    "census_high_pay": _ANNUAL_PAY,
    "census_old_age": "correct the birth dates in the file; add a placeholder to census.empty_values, so "
    "that its rows are rejected as incomplete",
    "census_long_tenure": "correct the hire dates in the file, or name its column of hire dates "
    "(census.columns.hire_date)",
    "census_same_hire_date": "turnover and promotion depend on tenure: if the file has a column of original "
    "hire dates, use it (census.columns.hire_date)",
    "census_newest_hire": "export the census for the opening date, or move the opening date: it is "
    "simulation.opening_date, or without it the day before simulation.start_year begins",
    "baseline_workforce_validated": "the database does not hold the census that was read: start again with "
    "`--resume ID --from-year FIRST`; if it fails again, keep the run directory and report the error",
    "assert_year_complete": _ARITHMETIC,
    "headcount_identity": _ARITHMETIC,
    "opening_equals_closing": "the previous year was changed after it was completed: simulate it again with "
    "`--resume ID --from-year` and that year",
    "quotas_met": _BALANCE + _ARITHMETIC,
    "segments_on_target": _BALANCE + _ARITHMETIC,
    "plan_within_targets": "the run follows the plan, so turnover, hires or growth exceed their targets: "
    "take rows out of plan.actions, or raise workforce.total_termination_rate, "
    "simulation.target_growth_rate or the targets of the segment named",
    "transfers_net_to_zero": _ARITHMETIC,
    "fte_in_range": _ARITHMETIC,
    "causes_add_up": _ARITHMETIC,
    "actions_accounted_for": _ARITHMETIC,
    "replay_identity": _ARITHMETIC,
    "event_counts": _ARITHMETIC,
    "payroll_identity": _ARITHMETIC,
    "merit_budget_spent": "see checks.tolerances.merit_cents_per_employee: each raise is rounded to the "
    "cent; a larger difference is an error: report it",
    "months_add_up": _ARITHMETIC,
    "validate_growth_rates": "where quotas_met is violated too, see there; otherwise lower the targets "
    "(simulation.target_growth_rate), or widen simulation.limits.min_growth and max_growth if that growth is "
    "intended",
    "growth_on_target": "mode `expected` draws around its target: run more replicates, or raise "
    "checks.tolerances.growth; mode `exact` is always on target: if it is not, report the error",
    "growth_against_history": "see growth_report: compare the target with the years in the census; if it is "
    "intended, raise checks.tolerances.growth_history",
    "anomaly_over_years": "check which setting changes in this year (a rate by year, a freeze); if none "
    "does, check the events of the year",
    "anomaly_over_replicates": "check the events of the named replicate; one replicate has little effect on "
    "a mean over replicates",
    "anomaly_over_runs": "compare this run's settings with those of the earlier runs (run.json of each)",
}
