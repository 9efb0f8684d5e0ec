"""Assumptions from history: what past lists say about rates, how sure that is, and whether it held.

`estimate` turns a history into parameters with their uncertainty, `backtest` compares past forecasts with
what happened, `report` draws both. Reading lists belongs to tasks/history; simulating belongs to
tasks/simulation.
"""
