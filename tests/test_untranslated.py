"""The checker of texts that nobody can translate finds them where they stand, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.translations import ROOT, main
from tests.untranslated import untranslated


def found(root: Path, name: str, source: str) -> list[str]:
    """Return what is found in a project of one file."""
    file = root / name
    file.parent.mkdir(parents=True)
    file.write_text(source, encoding="utf-8")
    return untranslated(root)


def fault(name: str, line: int, text: str) -> list[str]:
    return [f"{name}:{line}: {text!r} cannot be translated"]


TEMPLATE = "chorus/templates/page.html"


def test_every_text_of_the_project_can_be_translated() -> None:
    assert untranslated(ROOT) == []


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Invoices</p>", "Invoices"),
        ("{{ count }} invoices", "invoices"),
        ('{% translate "Status" %}: unknown', ": unknown"),
        ("{% if late %}Late{% endif %}", "Late"),
        ('<a title="Open it">{{ name }}</a>', "Open it"),
        ('<img alt="Logo of {{ company }}">', "Logo of"),
        ('<input placeholder="Number">', "Number"),
        ('<nav aria-label="Menus"></nav>', "Menus"),
        ('<input type="submit" value="Save">', "Save"),
        ("<svg><title>Outcomes</title></svg>", "Outcomes"),
        ('{{ name|default:"nobody" }}', "nobody"),
        ('{{ late|yesno:"late,in time" }}', "late,in time"),
        ('{% include "part.html" with title="Invoices" %}', "Invoices"),
        ('<script src="x.js"></script>Invoices', "Invoices"),
        ('<b translate="no">ACME</b> Invoices', "Invoices"),
        ('{% trans "Status" %} unknown {% trans "Status" %}', "unknown"),
    ],
)
def test_a_literal_text_of_a_template_is_found(tmp_path: Path, html: str, text: str) -> None:
    assert found(tmp_path, TEMPLATE, html) == fault(TEMPLATE, 1, text)


@pytest.mark.parametrize(
    "html",
    [
        '<p class="empty">{% translate "No invoices." %}</p>',
        "{% blocktranslate count counter=n %}one invoice{% plural %}{{ counter }} invoices{% endblocktranslate %}",
        "{% trans %}one invoice{% endtrans %}",
        "<title>{{ title }} | {{ site_title }}</title>",
        """<a title="{% translate "Open it" %}" aria-label='{{ name }}'>×</a>""",
        "{# a comment #}{% comment %}another{% endcomment %}<!-- a third -->",
        "{% block bodyclass %}{{ block.super }} dashboard{% endblock %}",
        '<td translate="no">SIRET<br><i>ACME</i></td>',
        "<code>BATCH_PWD</code>",
        '<button name="language" value="fr">{{ name }}</button>',
        '{{ name|default:_("nobody") }} {{ day|date:"Y-m-d" }} {{ shape|default:"-" }}',
        """<a href="{{ url|default:"../password/" }}">{{ name }}</a>""",
        '{% include "part.html" with kind="good" %}',
    ],
)
def test_other_text_of_a_template_is_left_alone(tmp_path: Path, html: str) -> None:
    assert found(tmp_path, TEMPLATE, html) == []


def test_the_line_of_a_text_is_told(tmp_path: Path) -> None:
    html = "{% comment %}\n\n{% endcomment %}\n<p>\n  Invoices</p>"
    assert found(tmp_path, TEMPLATE, html) == fault(TEMPLATE, 5, "Invoices")


def test_a_text_of_a_mail_is_found(tmp_path: Path) -> None:
    mail = "chorus/templates/mail.txt"
    assert found(tmp_path, mail, '{% translate "Dear" %}\nHello {{ name }},\n') == fault(mail, 2, "Hello ,")


PYTHON = "chorus/screen.py"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ('verbose_name = "invoice"', "invoice"),
        ('site_title: str = "Tracking"', "Tracking"),
        ('number.short_description = "number"', "number"),
        ('models.CharField("number", max_length=50)', "number"),
        ('SecretField("password")', "password"),
        ('models.TextField(help_text="What the buyer said.")', "What the buyer said."),
        ('forms.CharField(label="Number")', "Number"),
        ('admin.display(description="amount")', "amount"),
        ('messages.success(request, f"{count} invoices")', " invoices"),
        ('messages.error(request, "%d invoices" % count)', "%d invoices"),
        ('messages.add_message(request, 20, "Done.")', "Done."),
        ('self.message_user(request, "Done." if done else text)', "Done."),
        ('ValidationError("Give a number.")', "Give a number."),
        ('forms.ValidationError("Give a number.")', "Give a number."),
        ('self.add_error("number", "Give a number.")', "Give a number."),
        ('context = {"title": "New batch"}', "New batch"),
        ('class Kind(models.TextChoices):\n    DUE = "due", "is due"', "is due"),
        ('format_html("<b>Due</b> {}", amount)', "Due"),
        ("""format_html('<b title="Due">{}</b>', amount)""", "Due"),
    ],
)
def test_a_literal_text_of_python_is_found(tmp_path: Path, code: str, text: str) -> None:
    assert found(tmp_path, PYTHON, code) == fault(PYTHON, 1 + code.count("\n"), text)


@pytest.mark.parametrize(
    "code",
    [
        'verbose_name = _("invoice")',
        'models.CharField(_("number"), max_length=50)',
        'models.ForeignKey("chorus.Company", models.PROTECT)',
        'messages.success(request, _("%(count)d invoices") % {"count": count})',
        'logger.error("connection", "lost")',
        'ValidationError(_("Give a number."), code="invalid")',
        'context = {"title": _("New batch"), "name": "batch"}',
        'class Level(models.TextChoices):\n    WARN = "WARN", "WARN"',
        """format_html('<a class="number" href="{}">{}</a>', url, name)""",
        'empty_value_display = "-"',
    ],
)
def test_other_text_of_python_is_left_alone(tmp_path: Path, code: str) -> None:
    assert found(tmp_path, PYTHON, code) == []


@pytest.mark.parametrize("place", ["chorus/migrations/0001.py", "batches/management/commands/run.py", "tests/x.py"])
def test_what_people_do_not_read_on_a_screen_may_be_english(tmp_path: Path, place: str) -> None:
    assert found(tmp_path, place, 'verbose_name = "invoice"') == []


@pytest.mark.parametrize(
    ("place", "source", "text"),
    [
        ("chorus/static/page.js", 'state.textContent = "Loading";', "Loading"),
        ("chorus/static/page.js", "state.textContent = `${count} rows`;", "${count} rows"),
        ("chorus/static/page.js", 'button.setAttribute("aria-label", "Close");', "Close"),
        ("chorus/static/page.css", '.required::after { content: "required"; }', "required"),
    ],
)
def test_a_text_of_a_script_or_style_is_found(tmp_path: Path, place: str, source: str, text: str) -> None:
    assert found(tmp_path, place, source) == fault(place, 1, text)


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("chorus/static/page.js", 'state.textContent = form.dataset.loading; box.className = "open";'),
        ("chorus/static/page.css", r'.good::before { content: "\2713bc"; }'),
    ],
)
def test_other_text_of_a_script_or_style_is_left_alone(tmp_path: Path, place: str, source: str) -> None:
    assert found(tmp_path, place, source) == []


def test_the_command_tells_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found(tmp_path, TEMPLATE, "<p>Invoices</p>")
    assert main(tmp_path) == 1
    assert fault(TEMPLATE, 1, "Invoices")[0] in capsys.readouterr().out
