"""The report of a run as a page, a workbook, a PDF and slides, from published tables.

table.py and figures.py define the tables, key_figures.py and sentences.py the summary, chart_*.py the charts;
page.py, pdf.py, workbook*.py and deck*.py the documents.
"""
