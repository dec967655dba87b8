"""Where Django looks for the admin of companies and invoices: each screen has a file of its own."""

from chorus.screens.company_admin import CompanyAdmin
from chorus.screens.connection_admin import ChorusConnectionAdmin
from chorus.screens.invoice_admin import InvoiceAdmin

__all__ = ["ChorusConnectionAdmin", "CompanyAdmin", "InvoiceAdmin"]
