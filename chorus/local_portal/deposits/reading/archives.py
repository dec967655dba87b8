"""The .tar.gz of several invoices, which a stranger packed."""

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator

from chorus.local_portal.deposits.reading.errors import unreadable
from chorus.local_portal.deposits.records import File
from chorus.local_portal.deposits.texts import file_name

MEGABYTE = 1024 * 1024
MAX_FILE = 10 * MEGABYTE
MAX_PACKED = 30 * MEGABYTE
MAX_UNPACKED = 120 * MEGABYTE
MAX_FILES = 500


def is_archive(content: bytes) -> bool:
    return content.startswith(b"\x1f\x8b")


def unpack(content: bytes) -> list[File]:
    """Return the files of an archive, each named as it is there without its folder. Raises UnreadableError."""
    try:
        with (
            gzip.GzipFile(fileobj=io.BytesIO(content)) as packed,
            tarfile.open(fileobj=io.BytesIO(_unpacked(packed)), mode="r:") as archive,
        ):
            files = list(_files(archive))
    except (tarfile.TarError, OSError, EOFError, ValueError, zlib.error) as error:
        raise unreadable("ERR_ARC_001", "l'archive .tar.gz est illisible") from error
    if not files:
        raise unreadable("ERR_ARC_002", "l'archive ne contient aucun fichier")
    return files


def _unpacked(packed: gzip.GzipFile) -> bytes:
    unpacked = packed.read(MAX_UNPACKED + 1)
    if len(unpacked) > MAX_UNPACKED:
        raise unreadable("ERR_ARC_003", f"l'archive contient plus de {MAX_UNPACKED // MEGABYTE} Mo")
    return unpacked


def _files(archive: tarfile.TarFile) -> Iterator[File]:
    members = 0
    for member in archive:
        members += 1
        if members > MAX_FILES:
            raise unreadable("ERR_ARC_004", f"l'archive contient plus de {MAX_FILES} fichiers")
        if member.isdir():
            continue
        _check(member)
        if (opened := archive.extractfile(member)) is not None:
            yield File(file_name(member.name), opened.read())


def _check(member: tarfile.TarInfo) -> None:
    shown = member.name[:60]
    # A sparse file would unpack to more than the archive holds.
    if not member.isreg() or member.issparse():
        raise unreadable("ERR_ARC_005", f"{shown} n'est pas un fichier simple")
    if member.name.startswith("/") or "\\" in member.name or ".." in member.name.split("/"):
        raise unreadable("ERR_ARC_006", f"le nom {shown} sort de l'archive")
    if member.size > MAX_FILE:
        raise unreadable("ERR_ARC_007", f"{shown} dépasse {MAX_FILE // MEGABYTE} Mo")
