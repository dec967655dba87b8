"""The dashboard's figures of invoices, its warnings, and the panels that show them."""
