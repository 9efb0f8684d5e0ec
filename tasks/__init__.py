"""The steps of the flows, in packages called rooms; the order of the steps is in flows/.

A room imports only from the rooms before it in this order: system, text, census, history, plan,
warehouse, runs, simulation, server, alerts, studies, ensembles, results, evidence, reforecast, health,
then the modules pipeline, evidence_pipeline and reforecast_pipeline, then dashboard.
tests/architecture/test_layers.py checks it.
"""
