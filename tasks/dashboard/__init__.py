"""The dashboard: results and operations of runs in a browser, by Streamlit (extra `dashboard`).

It reads only published files (run.json, status.json, results/, the alert store): never a run's database,
and never its lock.

serve.py     starts the server
app.py       the script that Streamlit runs for each visitor: the list of pages
views/       a module per page or group of pages: its parts from top to bottom
parts.py     parts of pages: charts, tables, downloads, warnings about unreadable runs
choice.py    the choice of a run, scenarios and years
runs.py      the runs of a directory and their states
data.py      the tables of a run, cached until it publishes more
machinery.py the figures of page Operations: steps, clocks, history, machine
options.py   the options of the command
"""
