import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import chorus.local_portal

PACKAGE = Path(chorus.local_portal.__file__).parent
LIBRARIES = {"facturx", "flask", "fpdf", "lxml", "pypdf", "werkzeug"}


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def is_allowed(module: str) -> bool:
    root = module.partition(".")[0]
    return root in {*LIBRARIES, *sys.stdlib_module_names} or module.startswith("chorus.local_portal")


def test_the_package_imports_nothing_but_itself_its_libraries_and_the_standard_library() -> None:
    modules = {module for file in PACKAGE.rglob("*.py") for module in imported(file)}
    assert "flask" in modules
    assert [module for module in modules if not is_allowed(module)] == []
