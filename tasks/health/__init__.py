"""Health checks of the machine, recent runs and the Prefect server. Each check yields one finding.

The checks change nothing and send no alerts.
"""
