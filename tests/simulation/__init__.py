"""Exactness: the documented results of the simulation, recomputed independently of its SQL."""
