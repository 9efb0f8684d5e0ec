"""The two turnovers by their names, with what each is divided by: the same words wherever one is shown."""

#: What the settings set: `workforce.total_termination_rate`.
EXPERIENCED = "Experienced turnover"
EXPERIENCED_MEANING = "experienced leavers / opening headcount, which workforce.total_termination_rate sets"
#: What a personnel department reports.
TOTAL = "Total turnover"
TOTAL_MEANING = "all leavers / average headcount, the mean of opening and closing"
#: What stands below a table of either.
TOTAL_NOTE = f"{TOTAL}: {TOTAL_MEANING}."
