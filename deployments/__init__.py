"""Deployments as code: work pool, schedules, automations."""
