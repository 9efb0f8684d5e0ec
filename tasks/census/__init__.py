"""From a payroll system's file to the employees with whom a simulation opens, or an error that names rows.

`read` is the entry. Bytes become text cells in reading/; what the cells mean is decided here. No database.
"""
