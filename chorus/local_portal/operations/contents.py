"""Files inside JSON bodies: base64, and no larger than the portal takes."""

import base64
from typing import Any

from chorus.local_portal.checks import MalformedError, filled, text_up_to

MEGABYTE = 1024 * 1024
MAX_FILE = 10 * MEGABYTE
MAX_FILE_NAME = 200


def file_name(value: Any) -> None:
    """Check a name of a file that is deposited."""
    filled(value)
    text_up_to(MAX_FILE_NAME)(value)


def decoded(body: dict[str, Any], member: str) -> bytes:
    """Return the content that a member of a body has in base64; blanks in it do not count. Raises MalformedError."""
    try:
        return base64.b64decode("".join(body[member].split()), validate=True)
    except ValueError as error:
        raise MalformedError("base64 is due", member) from error
