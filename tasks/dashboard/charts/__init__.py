"""Charts that only the dashboard has: scenarios over one another, to be clicked on.

They are made of the marks of tasks/results/report/marks.py, so each mark shows its own value with its unit.
Charts of the report's topics are in tasks/results/report.
"""
