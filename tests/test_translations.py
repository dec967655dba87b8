"""The French catalogues are whole, and their checker finds every kind of fault."""

from __future__ import annotations

import shutil
from pathlib import Path

import polib  # type: ignore[import-untyped]
import pytest

from tests.translations import CATALOGUE, CATALOGUES, ROOT, catalogues, differences, main, problems

HEADER = {"Content-Type": "text/plain; charset=UTF-8", "Plural-Forms": "nplurals=2; plural=(n > 1);"}
needs_gettext = pytest.mark.skipif(shutil.which("xgettext") is None, reason="GNU gettext is not installed")


def test_the_french_catalogues_are_whole() -> None:
    assert catalogues(ROOT) == list(CATALOGUES)
    assert problems(ROOT) == []


def project(root: Path, *entries: polib.POEntry, code: str = "") -> Path:
    """Make a project that consists of a catalogue, compiled, and of one file of code."""
    write_catalogue(root / CATALOGUE, *entries)
    (root / "code.py").write_text(code, encoding="utf-8")
    return root


def write_catalogue(file: Path, *entries: polib.POEntry) -> None:
    catalogue = polib.POFile()
    catalogue.metadata = HEADER
    catalogue.extend(entries)
    file.parent.mkdir(parents=True)
    catalogue.save(str(file))
    catalogue.save_as_mofile(str(file.with_suffix(".mo")))


def here(fault: str) -> str:
    """Return the line that tells a fault of the first catalogue."""
    return f"{CATALOGUE}: {fault}"


def text(msgid: str, msgstr: str, **values: object) -> polib.POEntry:
    return polib.POEntry(msgid=msgid, msgstr=msgstr, **values)


def plural(one: str, many: str, *forms: str) -> polib.POEntry:
    return polib.POEntry(msgid=one, msgid_plural=many, msgstr_plural=dict(enumerate(forms)))


@pytest.mark.parametrize(
    "entry",
    [
        text("invoice", "facture"),
        text("invoice", "la facture", msgctxt="sentence"),
        text("%(a)s of %(b)d", "%(b)d : %(a)s"),
        text("line %d of %s", "ligne %d de %s"),
        plural("%(n)d invoice", "%(n)d invoices", "%(n)d facture", "%(n)d factures"),
        plural("this invoice", "these %(n)d invoices", "cette facture", "ces %(n)d factures"),
    ],
)
def test_a_translated_text_is_no_problem(tmp_path: Path, entry: polib.POEntry) -> None:
    assert problems(project(tmp_path, entry)) == []


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (text("invoice", ""), "'invoice' is not translated"),
        (plural("%(n)d invoice", "%(n)d invoices", "%(n)d facture", ""), "'%(n)d invoice' is not translated"),
        (text("invoice", "facture", flags=["fuzzy"]), "'invoice' is fuzzy: correct its translation"),
        (text("invoice", "facture", obsolete=True), "'invoice' is obsolete: remove it"),
    ],
)
def test_an_unfinished_translation_is_found(tmp_path: Path, entry: polib.POEntry, fault: str) -> None:
    assert problems(project(tmp_path, entry)) == [here(fault)]


@pytest.mark.parametrize(
    "entry",
    [
        text("%(count)d invoices", "factures"),
        text("%(count)d invoices", "%(nombre)d factures"),
        text("%(count)d invoices", "%(count)s factures"),
        text("invoices", "%s factures"),
        text("number %s in line %d", "à la ligne %d, numéro %s"),
        plural("%(n)d invoice", "%(n)d invoices", "une facture", "%(n)d factures"),
        plural("this invoice", "these %(n)d invoices", "cette facture", "ces factures"),
    ],
)
def test_an_altered_placeholder_is_found(tmp_path: Path, entry: polib.POEntry) -> None:
    assert problems(project(tmp_path, entry)) == [here(f"{entry.msgid!r} has other placeholders than its translation")]


def test_a_fuzzy_header_is_found(tmp_path: Path) -> None:
    file = project(tmp_path) / CATALOGUE
    file.write_text("#, fuzzy\n" + file.read_text(encoding="utf-8").removeprefix("#\n"), encoding="utf-8")
    assert problems(tmp_path) == [here("its header is fuzzy")]


@pytest.mark.parametrize(
    "compiled",
    [
        [],
        [text("invoice", "la facture")],
        [text("invoice", "facture", msgctxt="sentence")],
        [text("invoice", "facture"), text("company", "société")],
    ],
)
def test_a_compiled_catalogue_with_other_texts_is_found(tmp_path: Path, compiled: list[polib.POEntry]) -> None:
    other = project(tmp_path / "other", *compiled) / CATALOGUE
    mixed = project(tmp_path / "here", text("invoice", "facture"))
    shutil.copy(other.with_suffix(".mo"), mixed / CATALOGUE.replace(".po", ".mo"))
    assert problems(mixed) == [here("django.mo was not compiled from it: run “make messages”")]


def test_a_catalogue_that_was_never_compiled_is_found(tmp_path: Path) -> None:
    (project(tmp_path, text("invoice", "facture")) / CATALOGUE).with_suffix(".mo").unlink()
    assert problems(tmp_path) == [here("it was not compiled to django.mo: run “make messages”")]


@needs_gettext
def test_a_text_of_the_code_that_is_not_in_the_catalogue_is_found(tmp_path: Path) -> None:
    root = project(tmp_path, text("invoice", "facture"), code='_("invoice")\n_("company")\n')
    assert differences(root) == [here("'company' is in the code, but not here: run “make messages”")]


@needs_gettext
def test_a_plural_of_the_code_that_is_not_in_the_catalogue_is_found(tmp_path: Path) -> None:
    root = project(tmp_path, text("invoice", "facture"), code='ngettext("invoice", "invoices", 2)\n')
    assert here("'invoice' is in the code, but not here: run “make messages”") in differences(root)


@needs_gettext
def test_a_text_that_the_code_has_no_more_is_found(tmp_path: Path) -> None:
    root = project(tmp_path, text("invoice", "facture"), text("company", "société"), code='_("invoice")\n')
    assert differences(root) == [here("'company' is here, but not in the code: run “make messages”")]


@pytest.fixture
def two_catalogues(tmp_path: Path) -> Path:
    """A project with two catalogues, and code that belongs to each."""
    root = project(tmp_path, text("invoice", "facture"), code='_("invoice")\n')
    inner = root / CATALOGUES[1]
    write_catalogue(inner, text("buyer", "acheteur"))
    (inner.parents[3] / "code.py").write_text('_("buyer")\n', encoding="utf-8")
    (inner.parents[3] / "page.html").write_text('<p>{{ _("seller") }}</p>\n', encoding="utf-8")
    return root


@needs_gettext
def test_a_text_belongs_into_the_nearest_catalogue(two_catalogues: Path) -> None:
    assert differences(two_catalogues) == [
        f"{CATALOGUES[1]}: 'seller' is in the code, but not here: run “make messages”"
    ]


def test_a_fault_of_any_catalogue_is_found(two_catalogues: Path) -> None:
    (two_catalogues / CATALOGUES[1]).with_suffix(".mo").unlink()
    assert problems(two_catalogues) == [f"{CATALOGUES[1]}: it was not compiled to django.mo: run “make messages”"]


@needs_gettext
def test_looking_for_texts_leaves_the_project_as_it_is(tmp_path: Path) -> None:
    root = project(tmp_path, text("invoice", "facture"), code='_("company")\n')
    before = {file: file.read_bytes() for file in root.rglob("*") if file.is_file()}
    differences(root)
    assert {file: file.read_bytes() for file in root.rglob("*") if file.is_file()} == before


def test_the_command_tells_each_problem_on_a_line_and_ends_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert main(project(tmp_path, text("two\nlines", ""), text("%s", "s"))) == 1
    _, *lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"{CATALOGUE}: 'two\\nlines' is not translated",
        f"{CATALOGUE}: '%s' has other placeholders than its translation",
    ]


def test_the_command_says_what_it_could_not_check_without_gettext(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert main(project(tmp_path, text("invoice", "facture"), code='_("company")\n')) == 0
    assert capsys.readouterr().out.startswith("xgettext is not installed: not checked ")


@needs_gettext
def test_the_command_compares_with_the_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(project(tmp_path, code='_("company")\n')) == 1
    assert "'company' is in the code" in capsys.readouterr().out
