"""The census: turns a payroll system's file into the employees of the opening date, or into an error.

The entry is `read.read_census`. reading/ turns bytes into text cells; the modules here interpret the cells.
No module here uses a database.
"""
