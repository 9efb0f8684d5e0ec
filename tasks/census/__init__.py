"""Read a census file: return the employees at the opening of a simulation, or raise an error that names rows.

`read` is the entry point. reading/ turns bytes into text cells; this room interprets the cells. It uses no
database.
"""
