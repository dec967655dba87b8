"""Finds text that people read and that no catalogue can translate, in templates, Python, scripts and stylesheets.

An element with HTML's own `translate="no"` may hold a text that is the same in every language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from tests.untranslated_python import WORD, python_texts

Found = tuple[int, str]
"""A line, and the text that stands there."""

FOLDERS = ("akuiteo", "batches", "chorus")
NOT_READ_BY_PEOPLE = ("migrations", "__pycache__")
# The command line speaks English, as Django's own commands do; the local Chorus Pro answers in the portal's words.
ENGLISH_PYTHON = (*NOT_READ_BY_PEOPLE, "commands", "local_portal", "demo")

TRANSLATED = re.compile(
    r"\{#.*?#\}"
    r"|\{%-?\s*(?P<tag>comment|blocktrans(?:late)?|trans(?!\s*[\"']))\b[^%]*%\}.*?\{%-?\s*end(?P=tag)\s*-?%\}"
    r"|\{%\s*block\s+(?:bodyclass|coltype)\b.*?\{%\s*endblock\b.*?%\}"
    r"|\{%.*?%\}|\{\{.*?\}\}",
    re.DOTALL,
)
FILTER_WITH_TEXT = re.compile(
    r"""\|\s*(?:default|default_if_none|yesno|pluralize):\s*(?P<quote>["'])(?P<text>.*?)(?P=quote)"""
)
ARGUMENT_WITH_TEXT = re.compile(
    r"""\{%[^%]*?\b(?:title|label|text|heading|message|legend)=(?P<quote>["'])(?P<text>.*?)(?P=quote)"""
)
READ_ATTRIBUTES = ("title", "alt", "placeholder", "label", "aria-label", "aria-description", "aria-roledescription")
BUTTONS = ("submit", "button", "reset")
UNREAD_ELEMENTS = ("script", "style", "code", "pre", "kbd", "samp")
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
SHOWN_BY_A_SCRIPT = re.compile(
    r"""(?:\.(?:textContent|innerText|innerHTML|title|placeholder|ariaLabel)\s*\+?=|\b(?:alert|confirm|prompt)\(
    |setAttribute\(\s*["'](?:title|placeholder|aria-label)["'],)\s*(?P<quote>["'`])(?P<text>.*?)(?P=quote)""",
    re.VERBOSE,
)
SHOWN_BY_A_STYLE = re.compile(r"""\bcontent:\s*(?P<quote>["'])(?P<text>.*?)(?P=quote)""")
NO_TEXT = re.compile(r"\\[0-9a-fA-F]{1,6}|\$\{.*?\}|\S*/\S*")
"""Escapes of a style, what a script puts in, and addresses."""


def untranslated(root: Path) -> list[str]:
    """Return a line for each text that cannot be translated, in the project that stands in this directory."""
    return [
        f"{file.relative_to(root)}:{line}: {text!r} cannot be translated"
        for folder in FOLDERS
        for file in sorted((root / folder).rglob("*"))
        for line, text in sorted(_texts(file))
    ]


def _texts(file: Path) -> Iterator[Found]:
    if not file.is_file() or set(NOT_READ_BY_PEOPLE) & set(file.parts):
        return
    if "templates" in file.parts and file.suffix in (".html", ".svg", ".txt"):
        yield from template_texts(file.read_text(encoding="utf-8"), is_html=file.suffix != ".txt")
    elif file.suffix == ".py" and not set(ENGLISH_PYTHON) & set(file.parts):
        for line, text, is_html in python_texts(file.read_text(encoding="utf-8")):
            yield from _placed(line, html_texts(text)) if is_html else [(line, text)]
    elif file.suffix in (".js", ".css"):
        pattern = SHOWN_BY_A_SCRIPT if file.suffix == ".js" else SHOWN_BY_A_STYLE
        yield from _matches(pattern, file.read_text(encoding="utf-8"))


def template_texts(source: str, *, is_html: bool) -> Iterator[Found]:
    yield from _matches(FILTER_WITH_TEXT, source)
    yield from _matches(ARGUMENT_WITH_TEXT, source)
    bare = TRANSLATED.sub(lambda match: "\n" * match[0].count("\n"), source)
    if is_html:
        yield from html_texts(bare)
    else:
        yield from ((number, line.strip()) for number, line in enumerate(bare.splitlines(), 1) if WORD.search(line))


def html_texts(html: str) -> Iterator[Found]:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    yield from reader.found


def _placed(line: int, found: Iterator[Found]) -> Iterator[Found]:
    return ((line + number - 1, text) for number, text in found)


def _matches(pattern: re.Pattern[str], source: str) -> Iterator[Found]:
    for match in pattern.finditer(source):
        if WORD.search(NO_TEXT.sub("", match["text"])):
            yield source.count("\n", 0, match.start()) + 1, match["text"]


class _Reader(HTMLParser):
    """Collects what a browser shows or reads out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Found] = []
        self._unread: list[str] = []
        """The elements that are open, from the outermost one that is not read."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if not self._unread:
            for name in READ_ATTRIBUTES:
                self._note(given.get(name, ""))
            if tag == "input" and given.get("type") in BUTTONS:
                self._note(given.get("value", ""))
        if (self._unread or tag in UNREAD_ELEMENTS or given.get("translate") == "no") and tag not in VOID:
            self._unread.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unread:
            del self._unread[len(self._unread) - 1 - self._unread[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self._note(data)

    def _note(self, text: str) -> None:
        if WORD.search(text):
            first = len(text) - len(text.lstrip())
            self.found.append((self.getpos()[0] + text.count("\n", 0, first), " ".join(text.split())))
