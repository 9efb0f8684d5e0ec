"""Is everything well: the machine, recent runs, the Prefect server. One finding per check.

Nothing is repaired here, and nobody is alerted.
"""
