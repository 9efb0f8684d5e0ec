"""The `workforce` command: one module per group of subcommands, the start, and the exit statuses.

A subcommand's options, messages and exit status are here; what it computes is in tasks/.
"""
