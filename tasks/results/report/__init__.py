"""The report of a run as a page, a workbook and a PDF, from published tables.

table.py and figures.py define the tables, chart_*.py the charts, page.py and pdf.py the documents.
"""
