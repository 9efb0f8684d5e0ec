"""The dashboard: results and operations of runs in a browser, by Streamlit (extra `dashboard`).

It reads only run.json, status.json, results/ and the alert store. It opens no database that a run writes and
takes no lock.

serve.py     starts the server
app.py       the script that Streamlit runs for each visitor; it lists the pages
views/       a module per page, which builds it from top to bottom
parts.py     elements of pages: the choice of a run, charts, tables, downloads
runs.py      the list of runs and the state of each
data.py      the tables of a run, cached until it publishes more
machinery.py data of the page Operations: steps, time limits, earlier runs, the machine
"""
