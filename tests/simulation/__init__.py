"""Exactness: what the simulation promises, recomputed independently of its SQL."""
