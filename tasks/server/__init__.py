"""Prefect: settings and API, a local server for a run, flow runs, deployments, schedules and artifacts.

Health checks of a server are in health/; alerts are in alerts/.
"""
