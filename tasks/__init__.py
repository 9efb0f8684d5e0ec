"""How each step is done, in rooms; flows say which step follows which.

A room imports only from the rooms before it in this order: system, text, census, warehouse, runs,
simulation, server, alerts, studies, ensembles, results, health, then the module pipeline, then dashboard.
tests/architecture/test_layers.py checks it.
"""
