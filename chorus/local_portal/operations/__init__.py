"""The operations of the API that the local Chorus Pro knows, by path."""

from chorus.local_portal.operations import history, reading, searching, treating
from chorus.local_portal.operations.call import Call, Operation, RefusedError

OPERATIONS: dict[str, Operation] = {
    **searching.OPERATIONS,
    **reading.OPERATIONS,
    **history.OPERATIONS,
    **treating.OPERATIONS,
}

__all__ = ["OPERATIONS", "Call", "Operation", "RefusedError"]
