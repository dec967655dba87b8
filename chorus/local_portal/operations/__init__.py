"""The operations of the API that the local Chorus Pro knows, by path."""

from chorus.local_portal.operations import (
    attachments,
    deposits,
    directory,
    downloading,
    flow_reports,
    history,
    reading,
    receiving,
    references,
    searching,
    structures,
    submissions,
    supplying,
    treating,
    users,
)
from chorus.local_portal.operations.call import Call, Operation, RefusedError

OPERATIONS: dict[str, Operation] = {
    **searching.OPERATIONS,
    **receiving.OPERATIONS,
    **reading.OPERATIONS,
    **history.OPERATIONS,
    **supplying.OPERATIONS,
    **treating.OPERATIONS,
    **downloading.OPERATIONS,
    **deposits.OPERATIONS,
    **submissions.OPERATIONS,
    **flow_reports.OPERATIONS,
    **attachments.OPERATIONS,
    **references.OPERATIONS,
    **directory.OPERATIONS,
    **structures.OPERATIONS,
    **users.OPERATIONS,
}

__all__ = ["OPERATIONS", "Call", "Operation", "RefusedError"]
