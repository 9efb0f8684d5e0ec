"""Forecasts of the past, compared with what happened: how far assumptions from history can be trusted.

`forecast` computes exits, headcount and payroll of coming windows directly; `origins` makes such forecasts
from each list on, as if the later ones did not exist; `scores` compares them with the actual figures and
with plain baselines. Estimates belong to tasks/evidence/estimate.
"""
