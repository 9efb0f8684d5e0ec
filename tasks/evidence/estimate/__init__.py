"""Estimates from a history: exposure, bands, factors with credibility, year effects, raises, hires.

The entry is `fit` in fit.py. docs/evidence.md explains the methods and gives their sources.
"""
