"""Tells what is wrong with the French catalogues, and which texts no catalogue can translate.

`python -m tests.translations` ends with 1 if anything is.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import polib  # type: ignore[import-untyped]

from tests.untranslated import untranslated

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = "locale/fr/LC_MESSAGES/django.po"
# makemessages puts a text into the nearest directory “locale” above its file.
CATALOGUES = (CATALOGUE, f"chorus/local_portal/{CATALOGUE}")
NOT_COLLECTED = shutil.ignore_patterns(".*", "__pycache__", "locale", "staticfiles", "tests", "var")
NAMED = re.compile(r"%\(\w+\)[-+#0-9.]*[a-zA-Z]")
UNNAMED = re.compile(r"%[-+#0-9.]*[a-zA-Z]")
Key = tuple[str, str, str]
"""Context, text, plural: what a text is looked up by."""


def catalogues(root: Path) -> list[str]:
    """Return the catalogues of the project that stands in this directory."""
    return [catalogue for catalogue in CATALOGUES if (root / catalogue).exists()]


def problems(root: Path) -> list[str]:
    """Return a line for each fault of the catalogues themselves."""
    return [f"{catalogue}: {fault}" for catalogue in catalogues(root) for fault in _faults(root / catalogue)]


def differences(root: Path) -> list[str]:
    """Return a line for each text that the code has and its catalogue lacks, or the other way round.

    Needs GNU gettext. Raises CalledProcessError where makemessages fails, which says why on stderr.
    """
    collected = _collected(root)
    return [
        f"{catalogue}: {difference}"
        for catalogue in catalogues(root)
        for difference in _differences(root / catalogue, collected[catalogue])
    ]


def main(root: Path = ROOT) -> int:
    found = problems(root) + untranslated(root)
    if shutil.which("xgettext"):
        found += differences(root)
    else:
        print("xgettext is not installed: not checked whether the catalogues have all texts of the code.")
    for problem in found:
        print(problem)
    return 1 if found else 0


def _faults(file: Path) -> list[str]:
    catalogue = polib.pofile(str(file))
    return [*_unfinished(catalogue), *_altered_placeholders(catalogue), *_compiled_otherwise(catalogue, file)]


def _differences(file: Path, used: set[Key]) -> list[str]:
    listed = {_key(entry) for entry in polib.pofile(str(file)) if not entry.obsolete}
    lacking = [f"{_shown(text)} is in the code, but not here: run “make messages”" for _, text, _ in used - listed]
    left_over = [f"{_shown(text)} is here, but not in the code: run “make messages”" for _, text, _ in listed - used]
    return sorted(lacking) + sorted(left_over)


def _unfinished(catalogue: polib.POFile) -> Iterator[str]:
    if catalogue.metadata_is_fuzzy:
        yield "its header is fuzzy"
    for entry in catalogue:
        if entry.obsolete:
            yield f"{_shown(entry.msgid)} is obsolete: remove it"
        elif entry.fuzzy:
            yield f"{_shown(entry.msgid)} is fuzzy: correct its translation"
        elif not entry.translated():
            yield f"{_shown(entry.msgid)} is not translated"


def _altered_placeholders(catalogue: polib.POFile) -> Iterator[str]:
    for entry in catalogue:
        if entry.translated() and not _keeps_placeholders(entry):
            yield f"{_shown(entry.msgid)} has other placeholders than its translation"


def _keeps_placeholders(entry: polib.POEntry) -> bool:
    """The first French form stands for 0 and 1: it may leave the count out where the English singular does."""
    if not entry.msgid_plural:
        return _placeholders(entry.msgstr) == _placeholders(entry.msgid)
    one, many = _placeholders(entry.msgid), _placeholders(entry.msgid_plural)
    first, *others = (_placeholders(form) for _, form in sorted(entry.msgstr_plural.items()))
    return first in (one, many) and all(form == many for form in others)


def _placeholders(text: str) -> tuple[set[str], list[str]]:
    """Return those with a name, which may change places, and those without, which may not."""
    return set(NAMED.findall(text)), UNNAMED.findall(text)


def _compiled_otherwise(catalogue: polib.POFile, file: Path) -> Iterator[str]:
    compiled = file.with_suffix(".mo")
    if not compiled.exists():
        yield f"it was not compiled to {compiled.name}: run “make messages”"
    elif _texts(polib.mofile(str(compiled))) != _texts(entry for entry in catalogue if entry.translated()):
        yield f"{compiled.name} was not compiled from it: run “make messages”"


def _texts(entries: Iterable[polib.POEntry | polib.MOEntry]) -> dict[Key, tuple[str, dict[int, str]]]:
    return {_key(entry): (entry.msgstr, entry.msgstr_plural) for entry in entries}


def _collected(root: Path) -> dict[str, set[Key]]:
    """Return the texts that makemessages finds for each catalogue, in a copy: it writes beside what it reads."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        shutil.copytree(root, copy, ignore=NOT_COLLECTED)
        for catalogue in catalogues(root):
            (copy / catalogue).parents[2].mkdir()
        _make_messages(copy)
        return {catalogue: _keys(copy / catalogue) for catalogue in catalogues(root)}


def _keys(file: Path) -> set[Key]:
    """Return the texts of a catalogue; one without texts is not made."""
    return {_key(entry) for entry in polib.pofile(str(file))} if file.exists() else set()


def _make_messages(folder: Path) -> None:
    """Without settings: those of a copy would make keys and directories of their own."""
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-m", "django", "makemessages", "--locale", "fr"]
    subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True)


def _key(entry: polib.POEntry | polib.MOEntry) -> Key:
    return entry.msgctxt or "", entry.msgid, entry.msgid_plural or ""


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:79]}…")


if __name__ == "__main__":
    sys.exit(main())
