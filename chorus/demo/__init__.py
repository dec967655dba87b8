"""The demonstration: invented companies, buyers and invoices, and what the buyers do with these."""
