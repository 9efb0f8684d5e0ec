"""Deployments as code: work pools, flows, schedules, alert settings and automations on a Prefect server."""
