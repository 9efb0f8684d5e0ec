"""Results for people and other tools: summaries, exports, explanations, costs by employee, the report.

Reads what a run has published; changes no run. The browser's pages are in dashboard/.
"""
