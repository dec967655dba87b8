"""Invoices as CSV: what is imported and exported, column by column."""
