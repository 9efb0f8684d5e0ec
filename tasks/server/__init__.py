"""Prefect: its settings and API, a server of our own, flow runs, deployments and schedules, artifacts.

What is wrong on a server is judged in health/; who is alerted, in alerts/.
"""
