"""Deposits: a file becomes a flow, is read, judged, and its good invoices are integrated."""
