"""Faults in the bytes of an answer."""

import datetime
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from flask import Response

from chorus.local_portal.checks import boolean, integer, one_of
from chorus.local_portal.faults.fault import Fault, checked
from chorus.local_portal.http.replies import JSON, page_reply

MEGABYTE = 1_000_000
GZIP = 16 + zlib.MAX_WBITS
HUGE_START, HUGE_END = b'{"codeRetour":0,"libelle":"TRA_MSG_00.000 - ', b'"}'


@dataclass(frozen=True, kw_only=True)
class EmptyBody(Fault):
    """The call is done, and its answer has no bytes."""

    kind: ClassVar[str] = "empty-body"
    decides: ClassVar[bool] = True

    def answered(self, reply: Response) -> Response:
        reply.set_data(b"")
        return reply


@dataclass(frozen=True, kw_only=True)
class TruncatedBody(Fault):
    """The call is done; the connection ends in the middle of its answer, whose Content-Length announced more."""

    kind: ClassVar[str] = "truncated-body"
    decides: ClassVar[bool] = True

    def answered(self, reply: Response) -> Response:
        content = reply.get_data()
        reply.set_data(content[: len(content) // 2])
        reply.headers["Content-Length"] = str(len(content))
        return reply


@dataclass(frozen=True, kw_only=True)
class InvalidBody(Fault):
    """The call is done, and its answer is not JSON: cut short, not UTF-8, or a page of the gateway with status 200."""

    kind: ClassVar[str] = "invalid-body"
    decides: ClassVar[bool] = True

    form: str = field(default="cut", metadata=checked(one_of(("cut", "not-utf-8", "html"))))

    def answered(self, reply: Response) -> Response:
        content = reply.get_data()
        if self.form == "html":
            return page_reply(200, "Maintenance en cours")
        reply.set_data(content[: len(content) // 2] if self.form == "cut" else content[:1] + b"\xff" + content[1:])
        return reply


@dataclass(frozen=True, kw_only=True)
class HugeBody(Fault):
    """The answer is JSON of so many million bytes; `packed`, it is a small gzip that unpacks to them."""

    kind: ClassVar[str] = "huge-body"
    decides: ClassVar[bool] = True

    megabytes: int = field(default=300, metadata=checked(integer(1, 100_000)))
    packed: bool = field(default=False, metadata=checked(boolean))

    def before(self, now: datetime.datetime) -> Response | None:
        if self.packed:
            reply = Response(_packed(self._pieces()), content_type=JSON)
            reply.headers["Content-Encoding"] = "gzip"
            return reply
        reply = Response(self._pieces(), content_type=JSON)
        reply.headers["Content-Length"] = str(self.megabytes * MEGABYTE)
        return reply

    def _pieces(self) -> Iterator[bytes]:
        piece = b"A" * MEGABYTE
        yield HUGE_START
        yield from (piece for _ in range(self.megabytes - 1))
        yield piece[: MEGABYTE - len(HUGE_START) - len(HUGE_END)]
        yield HUGE_END


def _packed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=GZIP)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()
