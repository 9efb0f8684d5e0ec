"""The `workforce` command: one module per group of subcommands, the start, and the exit statuses.

What a subcommand computes is in tasks/; here are its options, its messages and its exit status.
"""
