"""The dashboard: results and operations of runs in a browser, by Streamlit (extra `dashboard`).

It reads what runs have published (run.json, status.json, results/, the alert store) and nothing else:
no database that a run writes, no lock that a run takes.

serve.py     starts the server
app.py       the script that Streamlit runs for each visitor: which pages there are
views/       a module per page: what is on it, from top to bottom
parts.py     what pages are made of: the choice of a run, charts, tables, downloads
runs.py      which runs there are and how each stands
data.py      the tables of a run, cached until it publishes more
machinery.py what operators look at: steps, clocks, history, machine
"""
