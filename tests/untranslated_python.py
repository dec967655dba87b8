"""Finds literal texts where Python names something that people read: labels, helps, messages, titles."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

Text = tuple[int, str, bool]
"""A line, the text that stands there, and whether it is HTML."""

NAMES = frozenset(
    [
        "verbose_name",
        "verbose_name_plural",
        "help_text",
        "label",
        "empty_label",
        "legend",
        "description",
        "short_description",
        "title",
        "subtitle",
        "site_header",
        "site_title",
        "index_title",
        "message",
        "error_message",
    ]
)
MESSAGES = frozenset(["debug", "info", "success", "warning", "error"])
"""Functions of django.contrib.messages, whose second argument is shown."""
SHOWN_ARGUMENT = {
    "message_user": 1,
    "add_message": 2,
    "add_error": 1,
    "ValidationError": 0,
    "ParameterError": 0,
    "format_html": 0,
    "format_html_join": 1,
}
WORD = re.compile(r"[^\W\d_]{2}")
HTML = ("format_html", "format_html_join")


def python_texts(source: str) -> Iterator[Text]:
    """Return what is shown to people and is a plain literal, so that gettext never sees it."""
    for node in ast.walk(ast.parse(source)):
        for shown, is_html in _shown(node):
            text = _literal(shown)
            if WORD.search(text):
                yield shown.lineno, text, is_html


def _shown(node: ast.AST) -> Iterator[tuple[ast.expr, bool]]:
    if isinstance(node, ast.Call):
        yield from _shown_by_call(node)
    elif isinstance(node, ast.Assign):
        if any(_name(target) in NAMES for target in node.targets):
            yield node.value, False
    elif isinstance(node, ast.AnnAssign):
        if node.value and _name(node.target) in NAMES:
            yield node.value, False
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value in NAMES:
                yield value, False
    elif isinstance(node, ast.ClassDef) and any(_name(base).endswith("Choices") for base in node.bases):
        yield from _labels_of_choices(node)


def _shown_by_call(call: ast.Call) -> Iterator[tuple[ast.expr, bool]]:
    name = _name(call.func)
    yield from ((keyword.value, False) for keyword in call.keywords if keyword.arg in NAMES)
    place = SHOWN_ARGUMENT.get(name)
    if name in MESSAGES and isinstance(call.func, ast.Attribute) and _name(call.func.value) == "messages":
        place = 1
    if _is_model_field(call.func):
        place = 0
    if place is not None and len(call.args) > place:
        yield call.args[place], name in HTML


def _is_model_field(function: ast.expr) -> bool:
    """Tell whether a call's first argument is a field's verbose name."""
    if isinstance(function, ast.Attribute):
        return _name(function.value) == "models" and function.attr.endswith("Field") and "To" not in function.attr
    return _name(function) == "SecretField"


def _labels_of_choices(node: ast.ClassDef) -> Iterator[tuple[ast.expr, bool]]:
    """Return the labels, but for those that are the values themselves: codes, which no language changes."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Tuple):
            *_values, label = statement.value.elts
            if _literal(label) != _literal(statement.value.elts[0]):
                yield label, False


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _literal(node: ast.expr) -> str:
    """Return the text that an expression spells out itself, without what it puts in; "" for any other expression."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_literal(part) for part in node.values)
    if isinstance(node, ast.BinOp):
        return _literal(node.left) + _literal(node.right)
    if isinstance(node, ast.IfExp):
        return _literal(node.body) + _literal(node.orelse)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("format", "join"):
        return _literal(node.func.value)
    return ""
