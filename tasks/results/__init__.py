"""Results for people and other tools: summaries, exports, explanations, costs by employee, the report.

It reads the files that a run has published and changes no run. The pages for a browser are in dashboard/.
"""
