"""The history: turns past lists of employees, or one file of hires and exits, into windows of exposure.

The entry is `read.read_history`; `accepted.History` is its result. The files are read by the rooms' neighbour
`tasks.census`: same mapping, formats and rejects. Nothing here estimates a rate, and no list is ever
interpreted with the help of a later one, except that who left in a window is known from the list at its end.
"""
