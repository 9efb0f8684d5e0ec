"""What `workforce deploy` creates on a Prefect server: work pools, deployments, schedules, automations."""
