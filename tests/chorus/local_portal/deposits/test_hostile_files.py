"""What the portal refuses to read, and that nothing a stranger sends makes it stumble."""

import gzip
import io
import tarfile

import pytest
from fpdf import FPDF
from hypothesis import given
from hypothesis import strategies as st

from chorus.local_portal.deposits.reading import archives, read, xml
from chorus.local_portal.deposits.records import File, ReadInvoice, TechnicalError, UnreadableError
from tests.chorus.local_portal.deposits import files
from tests.chorus.local_portal.deposits.files import CII, FACTUR_X, UBL

ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;">
<!ENTITY secret SYSTEM "file:///etc/passwd">]><a>&c;&secret;</a>"""


def errors(content: bytes, syntax: str = UBL) -> list[tuple[str, str]]:
    with pytest.raises(UnreadableError) as raised:
        read(File("facture", content), syntax)
    return [(error.code, error.text) for error in raised.value.errors]


def error(content: bytes, syntax: str = UBL) -> str:
    ((code, text),) = errors(content, syntax)
    return f"{code} {text}"


@pytest.mark.parametrize(
    ("content", "syntax", "expected"),
    [
        (b"", UBL, "ERR_XML_001 IRRECEVABILITE: le fichier n'est pas du XML - ligne: 1 - position: 1"),
        (files.plain_pdf(), UBL, "ERR_XML_001 IRRECEVABILITE: le fichier n'est pas du XML"),
        (files.ubl().decode().encode("utf-16"), UBL, "ERR_XML_001 IRRECEVABILITE: le fichier n'est pas du XML"),
        (b"<a>\n<b>\n</a>", UBL, "ERR_XML_001 IRRECEVABILITE: XML mal forme: Opening and ending tag mismatch: b line"),
        (b"<?xml version='1.0' encoding='UTF-7'?><a/>", UBL, "ERR_XML_002 IRRECEVABILITE: l'encodage UTF-7 n'est pas"),
        (b"<?xml version='1.0' encoding='UTF-8-W/O-BOM'?><a/>", CII, "l'encodage UTF-8-W/O-BOM n'est pas accepte"),
        (ENTITIES, UBL, "ERR_XML_003 IRRECEVABILITE: une declaration DOCTYPE n'est pas acceptee - ligne: 1"),
        (files.cii(), UBL, "ERR_SYN_001 IRRECEVABILITE: CrossIndustryInvoice n'est pas une facture UBL 2.1"),
        (files.ubl(), CII, "ERR_SYN_001 IRRECEVABILITE: Invoice n'est pas une facture CII"),
        (files.ubl(), FACTUR_X, "ERR_PDF_001 IRRECEVABILITE: le fichier n'est pas un PDF"),
        (b"%PDF-1.7\nbroken", FACTUR_X, "ERR_PDF_002 IRRECEVABILITE: le PDF est illisible"),
        (files.plain_pdf(), FACTUR_X, "ERR_PDF_003 IRRECEVABILITE: le PDF ne contient pas de fichier factur-x.xml"),
        (files.factur_x(name="other.xml"), FACTUR_X, "ERR_PDF_003"),
        (files.factur_x(ENTITIES), FACTUR_X, "ERR_XML_003"),
        (
            files.factur_x(files.cii(guideline="urn:unknown")),
            FACTUR_X,
            "ERR_SYN_002 IRRECEVABILITE: le profil Factur-X",
        ),
        (files.cii().replace(b">120.00<", b">" + b"9" * 400 + b"<"), CII, "ERR_VAL_001 IRRECEVABILITE: le nombre 999"),
    ],
)
def test_a_file_that_is_not_what_its_syntax_says_is_a_technical_error(
    content: bytes, syntax: str, expected: str
) -> None:
    assert expected in error(content, syntax)


def test_every_error_of_the_schema_is_told_with_its_line() -> None:
    content = files.ubl(day="hier").replace(b"<cbc:ID>1</cbc:ID>", b"")
    (first, second) = errors(content)
    assert first[0] == second[0] == "ERR_XSD_001"
    assert "cvc-datatype-valid-1-2-1: Element 'IssueDate'" in first[1]
    assert first[1].endswith("- ligne: 8 - position: 0")
    assert "Element 'InvoicedQuantity': This element is not expected" in second[1]


def test_of_a_thousand_errors_a_hundred_are_told() -> None:
    bad_lines = b"<cac:InvoiceLine/>" * 1000
    assert len(errors(files.ubl().replace(b"</Invoice>", bad_lines + b"</Invoice>"))) == 100


def test_the_text_of_an_error_has_no_accents_and_at_most_200_characters_with_its_place() -> None:
    ((_, text),) = errors(files.ubl(day="é" * 300))
    assert len(text) <= 200
    assert text.isascii()
    assert text.endswith(" - position: 0")


def test_a_document_type_is_refused_wherever_it_hides() -> None:
    assert "ERR_XML_003" in error(
        b"<?xml version='1.0'?>\n<!-- x -->\n<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/x.dtd'><a/>"
    )


def test_deep_trees_are_refused() -> None:
    assert "ERR_XML_001" in error(b"<a>" * 100_000 + b"</a>" * 100_000)


@pytest.mark.parametrize(
    "content",
    [b"<a>" + b"<b/>" * xml.MAX_NODES + b"</a>", b"<a" + b" b=''" * xml.MAX_NODES + b"/>"],
    ids=["tags", "attributes"],
)
def test_too_many_tags_or_attributes_are_refused_before_they_cost_memory(content: bytes) -> None:
    assert "ERR_XML_004" in error(content)


def test_other_encodings_in_use_are_read() -> None:
    latin = files.ubl().decode().replace("UTF-8", "ISO-8859-1").replace("Conseil", "Études").encode("latin-1")
    marked = b"\xef\xbb\xbf" + files.ubl()
    for content in (latin, marked):
        assert len(read(File("facture.xml", content), UBL)) == 1


def test_comments_and_processing_instructions_are_no_part_of_a_value() -> None:
    content = files.ubl().replace(b"<cbc:ID>F-1</cbc:ID>", b"<cbc:ID>F<!-- x -->-<?php y?>1</cbc:ID>")
    (found,) = read(File("facture.xml", content), UBL)
    assert found.invoice.number == "F-1"


def test_more_than_a_hundred_embedded_files_are_refused() -> None:
    reference = files.ubl(attachment=b"x").decode()
    start, end = reference.index("<cac:AdditionalDocumentReference>"), reference.index("<cac:AccountingSupplierParty>")
    many = reference[:start] + reference[start:end] * 101 + reference[end:]
    assert "ERR_VAL_002" in error(many.encode())


def test_a_pdf_full_of_other_files_is_not_searched_for_long() -> None:
    pdf = FPDF()
    pdf.add_page()
    for place in range(101):
        pdf.embed_file(bytes=b"x", basename=f"{place:03}.xml")
    pdf.embed_file(bytes=files.cii(), basename="factur-x.xml")
    assert "ERR_PDF_003" in error(bytes(pdf.output()), FACTUR_X)


def test_an_archive_with_one_bad_file_tells_which() -> None:
    archive = files.tar_gz({"bonne.xml": files.ubl("F-1"), "a/mauvaise.xml": b"<a/>", "pire.xml": b""})
    assert [text.partition(" IRRECEVABILITE")[0] for _, text in errors(archive)] == ["mauvaise.xml:", "pire.xml:"]


def packed(*members: tarfile.TarInfo, content: bytes = b"") -> bytes:
    result = io.BytesIO()
    with tarfile.open(fileobj=result, mode="w:gz") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(content))
    return result.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, size, "/etc/passwd"
    return info


@pytest.mark.parametrize(
    ("archive", "expected"),
    [
        (gzip.compress(b"not a tar"), "ERR_ARC_001 IRRECEVABILITE: l'archive .tar.gz est illisible"),
        (files.tar_gz({"a.xml": files.ubl()})[:-20], "ERR_ARC_001"),
        (b"\x1f\x8b", "ERR_ARC_001"),
        (packed(), "ERR_ARC_002 IRRECEVABILITE: l'archive ne contient aucun fichier"),
        (packed(member("dossier", tarfile.DIRTYPE)), "ERR_ARC_002"),
        (packed(member("lien", tarfile.SYMTYPE)), "ERR_ARC_005 IRRECEVABILITE: lien n'est pas un fichier simple"),
        (packed(member("lien", tarfile.LNKTYPE)), "ERR_ARC_005"),
        (packed(member("tube", tarfile.FIFOTYPE)), "ERR_ARC_005"),
        (packed(member("/etc/passwd")), "ERR_ARC_006 IRRECEVABILITE: le nom /etc/passwd sort de l'archive"),
        (packed(member("a/../../b.xml")), "ERR_ARC_006"),
        (packed(member("..\\b.xml")), "ERR_ARC_006"),
        (packed(*(member(f"{n}.xml") for n in range(archives.MAX_FILES + 1))), "ERR_ARC_004"),
        (
            packed(member("gros.xml", size=archives.MAX_FILE + 1), content=bytes(archives.MAX_FILE + 1)),
            "ERR_ARC_007 IRRECEVABILITE: gros.xml depasse 10 Mo",
        ),
    ],
    ids=lambda value: value.split()[0] if isinstance(value, str) else "",
)
def test_archives_that_are_broken_or_reach_too_far_are_refused(archive: bytes, expected: str) -> None:
    assert expected in error(archive)


def test_an_archive_that_unpacks_without_end_is_refused() -> None:
    bomb = gzip.compress(bytes(archives.MAX_UNPACKED + 1), compresslevel=1)
    assert len(bomb) < archives.MAX_PACKED
    assert "ERR_ARC_003 IRRECEVABILITE: l'archive contient plus de 120 Mo" in error(bomb)


def test_a_sparse_file_of_an_archive_is_refused() -> None:
    sparse = tarfile.TarInfo("trous.xml")
    sparse.pax_headers = {
        "GNU.sparse.major": "0",
        "GNU.sparse.minor": "1",
        "GNU.sparse.map": "0,0",
        "GNU.sparse.size": "9",
    }
    assert "ERR_ARC_005" in error(packed(sparse))


SEEDS = {
    UBL: [files.ubl(attachment=b"x"), files.ubl(root="CreditNote"), files.tar_gz({"a.xml": files.ubl()})],
    CII: [files.cii(attachment=b"x"), files.tar_gz({"a.xml": files.cii()})],
    FACTUR_X: [files.factur_x(), files.plain_pdf(), files.tar_gz({"a.pdf": files.factur_x()})],
}


@st.composite
def mutated(draw: st.DrawFn) -> tuple[bytes, str]:
    """Draw a good file of a syntax in which some bytes are replaced, repeated, or cut out."""
    syntax = draw(st.sampled_from(list(SEEDS)))
    content = draw(st.sampled_from([content for seeds in SEEDS.values() for content in seeds]))
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 200)))
        middle = draw(st.one_of(st.binary(max_size=20), st.sampled_from([b"", content[start:end] * 3, b"<", b"&x;"])))
        content = content[:start] + middle + content[end:]
    return content, syntax


@given(mutated())
def test_nothing_but_a_technical_error_comes_of_a_damaged_file(file: tuple[bytes, str]) -> None:
    content, syntax = file
    found: list[ReadInvoice] = []
    errors: tuple[TechnicalError, ...] = ()
    try:
        found = read(File("facture", content), syntax)
    except UnreadableError as error:
        errors = error.errors
    assert found or errors
    assert all(len(each.text) <= 200 for each in errors)
