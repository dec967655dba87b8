"""Where Django looks for the admin of batches: each screen has a file of its own."""

from batches.screens.batch_admin import BatchAdmin
from batches.screens.mail_admin import OutgoingEmailAdmin
from batches.screens.run_admin import RunAdmin

__all__ = ["BatchAdmin", "OutgoingEmailAdmin", "RunAdmin"]
