"""Where Django looks for the admin of batches: each screen has a file of its own."""

from batches.batch_admin import BatchAdmin
from batches.mail_admin import OutgoingEmailAdmin
from batches.run_admin import RunAdmin

__all__ = ["BatchAdmin", "OutgoingEmailAdmin", "RunAdmin"]
