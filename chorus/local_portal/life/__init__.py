"""The life of invoices on the portal: which status may follow which, who moves them on, and when."""
