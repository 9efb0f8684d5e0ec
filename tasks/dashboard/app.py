"""The script that Streamlit runs for each visitor, from the top at each change: the list of pages.

Pages are tabs without separate paths: with a path below `/`, Streamlit first looks for its server there, and
the browser logs errors. The query part of the address names the page and all choices.
"""

from pathlib import Path

import streamlit as st

from tasks.dashboard.options import options
from tasks.dashboard.views import assumptions, compare, employees, operations, results, what_if
from tasks.results.report.charts import PALETTE

#: The pages by the titles of their tabs, in order; each function shows one.
PAGES = {
    "Overview": results.overview,
    "Workforce": results.workforce,
    "Cost": results.cost,
    "Pay": results.pay,
    "Compare": compare.show,
    "What-if": what_if.show,
    "Assumptions": assumptions.show,
    "Operations": operations.show,
}
if options().show_pay:
    PAGES["Employees"] = employees.show

st.set_page_config(page_title="Workforce", page_icon=str(Path(__file__).with_name("icon.svg")), layout="wide")
# Two colours of Streamlit have too little contrast (WCAG AA): that behind chosen values on a dark page, and
# that of texts in charts on a light one.
st.html(
    f"<style>[data-tag] {{ background-color: {PALETTE[0]} !important }}"
    " [data-testid=stVegaLiteChart] svg text { fill: currentColor }</style>"
)
for tab, show in zip(
    st.tabs(list(PAGES), key="page", on_change="rerun", bind="query-params"), PAGES.values(), strict=True
):
    if tab.open:
        with tab:
            show()
