"""The parts of page What-if (views/what_if.py).

levers.py     what can be moved, from a scenario's settings, and the overrides that follow; no Streamlit
simulator.py  simulations in the background for all visitors, few at a time; no Streamlit
outcome.py    the figures of a move as sentences, table and charts; no Streamlit
controls.py   sliders, number fields and values by year
saving.py     the scenario as a file
keeping.py    what becomes of a what-if: the fields and buttons of the next two
starting.py   a real run of baseline and what-if, here or by the deployment
"""
