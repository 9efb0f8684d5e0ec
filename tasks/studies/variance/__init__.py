"""What explains the difference of two runs' payroll and cost in a year; docs/variance.md defines the effects.

Belongs here: the choice of what both runs have, what their members add up to, and the bridge between them.
Does not: how the effects are shown (flows/cli/variance.py, tasks/results/report/variance.py).
"""
