"""Invoices as CSV: what a file may hold, column by column, and what an import makes of it."""
