"""Reads the source and tells where it breaks the rules of the house: who may import what, who alone does what."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from pathlib import Path

FLOORS = ("akuiteo", "batches", "chorus")
MAIL = (
    "batches/delivery.py",
    "batches/mail_line.py",
    "batches/mail_verdicts.py",
    "batches/outbox.py",
    "batches/smtp_backend.py",
)
MAIL_SERVICES = ("batches/mail_events.py", "batches/mail_service_urls.py")
HTTP = ("chorus/portal/",)


@dataclasses.dataclass(frozen=True)
class Arrow:
    """What a file or a package (`place`) never imports, but for the exceptions."""

    place: str
    never: tuple[str, ...]
    exceptions: tuple[str, ...] = ()


ARROWS = (
    Arrow("akuiteo/", ("batches", "chorus")),
    Arrow("batches/", ("chorus",)),
    Arrow("chorus/local_portal/", FLOORS, ("chorus.local_portal",)),
    Arrow("chorus/statuses.py", FLOORS),
    Arrow("batches/parameters.py", FLOORS, ("batches.kinds", "batches.plain_text")),
    Arrow("batches/kinds.py", FLOORS, ("batches.plain_text",)),
)
IMPORTED_ONLY_IN = {
    "requests": HTTP,
    "urllib3": HTTP,
    "http.client": HTTP,
    "urllib.request": HTTP,
    "flask": ("chorus/local_portal/",),
    "werkzeug": ("chorus/local_portal/",),
    "anymail": MAIL_SERVICES,
    "django.core.mail": MAIL,
    "smtplib": MAIL,
    "environ": ("akuiteo/environment.py", "akuiteo/services.py"),
}
ENVIRONMENT = frozenset({"os.environ", "os.environb", "os.getenv", "os.putenv"})
ENVIRONMENT_READER = "akuiteo/settings.py"
NAMES_SETTINGS = "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'akuiteo.settings')"
NAMERS_OF_SETTINGS = ("manage.py", "akuiteo/wsgi.py")
TEMPLATE_CALLER = "batches/execution.py"
STATUS = "chorus_status"
STATUS_WRITER = "chorus/tracking/ledger.py"
READERS = frozenset({"Q", "filter", "exclude", "get"})
WRITERS_BY_NAME = frozenset({"bulk_update", "bulk_create", "save", "setattr"})


@dataclasses.dataclass(frozen=True)
class Source:
    path: str
    tree: ast.Module

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))

    def imports(self) -> Iterator[str]:
        """Yield the dotted names that are imported, wherever in the file."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from (f"{self._origin(node)}.{alias.name}" for alias in node.names)

    def _origin(self, node: ast.ImportFrom) -> str:
        package = Path(self.path).parts[: -node.level] if node.level else ()
        return ".".join((*package, *filter(None, [node.module])))


def violations(root: Path) -> list[str]:
    """Return one sentence for each broken rule in the project that stands in this directory."""
    rules = (_arrows, _imports_of_others, _environment, _template_calls, _status_writes)
    return [f"{source.path} {what}" for source in sources(root) for rule in rules for what in rule(source)]


def sources(root: Path) -> Iterator[Source]:
    files = [file for floor in FLOORS for file in sorted((root / floor).rglob("*.py"))]
    for file in [*files, root / "manage.py"]:
        if "migrations" not in file.parts and file.exists():
            yield Source(file.relative_to(root).as_posix(), ast.parse(file.read_text(encoding="utf-8")))


def _arrows(source: Source) -> Iterator[str]:
    for arrow in ARROWS:
        if source.path.startswith(arrow.place):
            for name in source.imports():
                if _is_in(name, arrow.never) and not _is_in(name, arrow.exceptions):
                    yield f"imports {name}, which stands above {arrow.place}"


def _imports_of_others(source: Source) -> Iterator[str]:
    for name in source.imports():
        for library, places in IMPORTED_ONLY_IN.items():
            if _is_in(name, (library,)) and not source.path.startswith(places):
                yield f"imports {name}, which is for {' and '.join(places) or 'nobody'}"


def _environment(source: Source) -> Iterator[str]:
    if source.path == ENVIRONMENT_READER:
        return
    if any(_is_in(name, tuple(ENVIRONMENT)) for name in source.imports()):
        yield f"imports the environment, which {ENVIRONMENT_READER} reads"
    nodes = [node for node in ast.walk(source.tree) if isinstance(node, ast.Attribute)]
    reads = [node for node in nodes if ast.unparse(node) in ENVIRONMENT]
    if source.path in NAMERS_OF_SETTINGS:
        allowed = [call.func for call in source.calls() if ast.unparse(call) == NAMES_SETTINGS]
        reads = [node for node in reads if all(node not in ast.walk(call) for call in allowed)]
    if reads:
        yield f"reads {ast.unparse(reads[0])} in line {reads[0].lineno}, as only {ENVIRONMENT_READER} does"


def _template_calls(source: Source) -> Iterator[str]:
    for call in source.calls():
        if source.path != TEMPLATE_CALLER and ast.unparse(call.func).endswith("template.run"):
            yield f"runs a template in line {call.lineno}, as only {TEMPLATE_CALLER} does"


def _status_writes(source: Source) -> Iterator[str]:
    if source.path == STATUS_WRITER:
        return
    for node in ast.walk(source.tree):
        if _is_status_write(node):
            line = getattr(node, "lineno", 0)
            yield f"writes {STATUS} in line {line}, as only {STATUS_WRITER} does"


def _is_status_write(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr=name, ctx=ast.Store()):
            return name == STATUS
        case ast.Dict(keys=keys):
            return any(_is_status(key) for key in keys if key)
        case ast.Call():
            return _call_writes_status(node)
    return False


def _call_writes_status(call: ast.Call) -> bool:
    name = ast.unparse(call.func).rpartition(".")[2]
    by_keyword = any(keyword.arg == STATUS for keyword in call.keywords)
    by_name = any(_is_status(node) for node in ast.walk(call))
    return (by_keyword and name not in READERS) or (by_name and name in WRITERS_BY_NAME)


def _is_status(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value == STATUS


def _is_in(name: str, packages: tuple[str, ...]) -> bool:
    return any(f"{name}.".startswith(f"{package}.") for package in packages)
