"""docs/batch-parameters.md is derived from the template's declaration.

To write it anew: python manage.py shell -c "from tests.chorus.test_parameter_docs import write; write()"
"""

from __future__ import annotations

from pathlib import Path

from batches.parameters import Parameter
from chorus.batch_templates import CheckFacturesClientChorus

PAGE = Path(__file__).resolve().parents[2] / "docs" / "batch-parameters.md"
HEAD = """# Parameters of CheckFacturesClientChorus

They are checked when they are saved and again when the batch starts; the message names the parameter, the value and
what is accepted. Lists are separated by `;`; blanks around it and the case of booleans, statuses and levels do not
matter. `BATCH_PWD` is encrypted at rest, is never shown again, and is masked in every log and mail.

| code | type | required | default | meaning | accepted |
|---|---|---|---|---|---|
"""


def row(parameter: Parameter) -> str:
    cells = [
        f"`{parameter.code}`",
        str(parameter.kind.label),
        "**yes**" if parameter.required else "no",
        f"`{parameter.default}`" if parameter.default else "",
        str(parameter.help),
        # The directory of logs differs between machines.
        "The name of a directory under `LOG_ROOT`."
        if parameter.code == "BATCH_LOG_FILE"
        else str(parameter.kind.accepted),
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def page() -> str:
    declared = CheckFacturesClientChorus().declared()
    return HEAD + "".join(row(declared[code]) for code in sorted(declared))


def test_the_page_says_what_the_template_declares() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def write() -> None:
    PAGE.write_text(page(), encoding="utf-8")
