"""The machine: the project's files, atomic replacement of files, child processes with limits.

Nothing here depends on a census, a run or the meaning of settings.
"""
