"""Searches of invoices: the filters, the order and the page that a request asks for, in SQL."""
