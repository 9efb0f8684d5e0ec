"""Run directories: what is asked of a run, what its files hold, which runs there are, who writes one.

No year is simulated here, and nothing here knows Prefect.
"""
