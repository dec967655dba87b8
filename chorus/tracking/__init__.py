"""Following invoices: which ones, what the portal says of them, decide (pure), apply.

The laws L1 to L9 that the modules cite stand in docs/tracking.md.
"""
