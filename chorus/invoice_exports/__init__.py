"""Invoices as files: the CSV forms and the workbook, all with the same columns."""
