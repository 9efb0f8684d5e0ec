"""The dashboard: results and operations of runs in a browser, by Streamlit (extra `dashboard`).

It reads only published files (run.json, status.json, results/, the alert store): never a run's database,
and never its lock.

serve.py     starts the server
app.py       the script that Streamlit runs for each visitor: the list of pages
views/       a module per page or part of pages: its parts from top to bottom
charts/      charts with all scenarios on the same axes, beside those of the report
parts.py     parts of pages: charts, tables, downloads, warnings about unreadable runs
choice.py    the filter bar: run, scenarios, years, levels, values of dimensions, breakdown
link.py      choices kept in the address of the page
runs.py      the runs of a directory and their states
data.py      the tables of a run, cached until it publishes more
cells.py     key figures by level and dimension, and the events behind them, from queries/
key_figures.py  the key figures: names, units, how they are drawn
machinery.py the figures of page Operations: steps, clocks, history, machine
options.py   the options of the command
"""
