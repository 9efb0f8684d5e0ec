"""The machine: where our own files lie, files replaced whole, child processes under limits.

Nothing here knows a census, a run or a setting's meaning.
"""
