"""Names and definitions of the two kinds of turnover, for use wherever one is shown."""

#: The turnover that setting `workforce.total_termination_rate` defines.
EXPERIENCED = "Experienced turnover"
EXPERIENCED_MEANING = "experienced leavers / opening headcount, which workforce.total_termination_rate sets"
#: The turnover that personnel departments report.
TOTAL = "Total turnover"
TOTAL_MEANING = "all leavers / average headcount, the mean of opening and closing"
#: The note below a table of either.
TOTAL_NOTE = f"{TOTAL}: {TOTAL_MEANING}."
