"""The report of a run, as page, workbook and PDF, from the files that the run has published."""
