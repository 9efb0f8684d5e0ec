"""Reforecasts: the newest list and the lists before it become a run, which is compared with the budget.

Belongs here: where lists lie and how they get there, the run that a list asks for, and what its comparison
with the budget shows. Does not: the run itself, the effects of the comparison (studies/variance), how alerts
are sent.
"""
