"""The `workforce` command: one module per group of subcommands, the start, and the exit statuses.

A subcommand defines its options, messages and exit status here; tasks/ computes the results.
"""
