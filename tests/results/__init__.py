"""Results: figures by month, report, workbook, exports, one employee's timeline."""
