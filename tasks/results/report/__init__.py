"""The figures of a run for people: as a page, a workbook and a PDF. Reads what the run has published."""
