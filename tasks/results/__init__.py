"""Results of a run: summaries, exports, explanations, costs by employee, the report.

Modules here read published tables. closing.py alone writes to a run. The browser's pages are in dashboard/.
"""
