"""Files of invoices that are imported on the screen: kept, shown, imported."""
