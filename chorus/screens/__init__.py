"""What Django's admin shows of companies, connections and invoices."""
