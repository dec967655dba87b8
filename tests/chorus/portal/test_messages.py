from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chorus.portal.errors import PortalUnavailable, UnexpectedAnswer
from chorus.portal.messages import (
    HistoryEntry,
    InvoiceStatus,
    RemoteStatus,
    Search,
    SearchPage,
    build_history,
    build_invoice,
    build_search,
    check_health,
    parse_history,
    parse_invoice,
    parse_search,
)
from tests.chorus.portal.servers import example

PARIS = ZoneInfo("Europe/Paris")
EMPTY = SearchPage((), (), page=1, pages=0, page_size=0, total=0)


def page_of(*rows: object) -> dict[str, Any]:
    return {"codeRetour": 0, "libelle": "TRA_MSG_00.000", "listeFactures": list(rows)}


def row(**changes: object) -> dict[str, object]:
    return {"identifiantFactureCPP": 7, "numeroFacture": "F-7", "statut": "DEPOSEE"} | changes


def test_a_search_without_criteria_is_paged_and_sorted_by_a_column_that_never_changes() -> None:
    assert build_search(Search(), page=3, page_size=500) == {
        "rechercheFactureParFournisseur": {
            "pageResultatDemandee": 3,
            "nbResultatsParPage": 500,
            "triColonne": "NumeroFacture",
            "triSens": "Ascendant",
        }
    }


def test_the_window_is_sent_in_paris_time_with_milliseconds_and_offset() -> None:
    summer = datetime(2026, 10, 8, 8, 12, 0, 123000, tzinfo=UTC)
    winter = datetime(2026, 11, 8, 8, 12, tzinfo=UTC)
    body = build_search(Search(changed_since=summer, changed_until=winter), 1, 10)
    assert body["periodeDateHeureEtatCourantDu"] == "2026-10-08T10:12:00.123+02:00"
    assert body["periodeDateHeureEtatCourantAu"] == "2026-11-08T09:12:00.000+01:00"


def test_the_window_never_shrinks_by_rounding() -> None:
    moment = datetime(2026, 10, 8, 10, 12, 0, 123456, tzinfo=PARIS)
    body = build_search(Search(changed_since=moment, changed_until=moment), 1, 10)
    assert body["periodeDateHeureEtatCourantDu"] == "2026-10-08T10:12:00.123+02:00"
    assert body["periodeDateHeureEtatCourantAu"] == "2026-10-08T10:12:00.124+02:00"


def test_a_window_without_time_zone_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        build_search(Search(changed_since=datetime(2026, 10, 8)), 1, 10)


def test_a_search_by_number_and_flow_says_both() -> None:
    body = build_search(Search(number="F-7", flow_number="CPP1"), 1, 10)
    assert (body["numeroFacture"], body["numeroFluxDepot"]) == ("F-7", "CPP1")


def test_one_invoice_and_its_history_are_asked_by_chorus_id() -> None:
    assert build_invoice(7) == {"identifiantFactureCPP": 7}
    assert build_history(7)["idFacture"] == 7


def test_a_row_is_read() -> None:
    page = parse_search(example("search_one_invoice"))
    assert page.rows == (
        RemoteStatus(
            chorus_id=4321098,
            number="F-2026-042",
            supplier="33254021516357",
            flow_number="CPP0011117000000000425903",
            code="SUSPENDUE",
            since=datetime(2026, 10, 9, 10, 12, 0, 123000, tzinfo=PARIS),
            comment="Pièce justificative manquante",
        ),
    )
    assert (page.page, page.pages, page.page_size, page.total) == (1, 1, 10, 1)


@pytest.mark.parametrize(
    "data",
    [
        example("search_no_result"),
        {"codeRetour": 20007, "libelle": "GFT_MSG_01.075 - La recherche n'a retourné aucun résultat."},
        page_of(),
        {"codeRetour": 0, "libelle": "TRA_MSG_00.000"},
        {"codeRetour": 0, "libelle": "TRA_MSG_00.000", "listeFactures": None, "parametresRetour": None},
    ],
    ids=["a code", "another code", "an empty list", "no list", "nulls"],
)
def test_no_result_is_an_empty_page(data: dict[str, Any]) -> None:
    assert parse_search(data) == EMPTY


def test_an_empty_page_keeps_the_paging_that_the_portal_announces() -> None:
    page = parse_search(example("search_empty_list"))
    assert (page.rows, page.page_size, page.total) == ((), 10, 0)


def test_one_object_stands_for_a_list_of_one() -> None:
    page = parse_search(example("search_object_for_list"))
    assert [row.number for row in page.rows] == ["F-2026-044"]


def test_rows_without_paging_are_the_only_page() -> None:
    page = parse_search(page_of(row(), row(identifiantFactureCPP=8)))
    assert (page.page, page.pages, page.page_size, page.total) == (1, 1, 2, 2)


def test_absent_and_null_members_are_empty() -> None:
    page = parse_search(page_of(row(commentaireEtatCourant=None, numeroFluxDepot=None, dateHeureEtatCourant=None)))
    assert page.rows == (RemoteStatus(7, "F-7", "", "", "DEPOSEE", None, ""),)


def test_unknown_members_are_ignored() -> None:
    assert parse_search(page_of(row(nouveau={"a": [1]}))).rows == parse_search(page_of(row())).rows


def test_an_unknown_status_is_kept_as_the_portal_spells_it() -> None:
    assert parse_search(page_of(row(statut=" Nouvel_ETAT "))).rows[0].code == "Nouvel_ETAT"


def test_a_siret_loses_its_blanks() -> None:
    assert parse_search(page_of(row(codeFournisseur=" 332 540 215 16357"))).rows[0].supplier == "33254021516357"


def test_what_no_database_can_store_is_replaced() -> None:
    assert parse_search(page_of(row(commentaireEtatCourant="a\x00b\ud800"))).rows[0].comment == "a�b�"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row(identifiantFactureCPP=None), "identifiantFactureCPP is missing"),
        (row(numeroFacture=""), "numeroFacture is missing"),
        (row(statut=None), "statut is missing"),
        (row(identifiantFactureCPP="7"), "identifiantFactureCPP is not a whole number"),
        (row(identifiantFactureCPP=True), "identifiantFactureCPP is not a whole number"),
        (row(identifiantFactureCPP=2**63), "identifiantFactureCPP is not a whole number"),
        (row(numeroFacture=2026), "numeroFacture is not a text"),
        (row(dateHeureEtatCourant=1760000000), "dateHeureEtatCourant is not a text"),
        ("F-7", "the row is not an object"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_spoils_no_other(bad: object, reason: str) -> None:
    page = parse_search(page_of(row(identifiantFactureCPP=1), bad, row(identifiantFactureCPP=3)))
    assert [row.chorus_id for row in page.rows] == [1, 3]
    (sentence,) = page.unreadable
    assert sentence.startswith("Row 2 (invoice ")
    assert reason in sentence


def test_the_sentence_about_an_unreadable_row_names_the_invoice() -> None:
    page = parse_search(page_of(row(statut=None)))
    assert page.unreadable == ("Row 1 (invoice F-7, Chorus id 7) cannot be read: statut is missing.",)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2019-07-11T15:45:39.674+02:00", datetime(2019, 7, 11, 13, 45, 39, 674000, tzinfo=UTC)),
        ("2026-10-08T08:12:00Z", datetime(2026, 10, 8, 8, 12, tzinfo=UTC)),
        ("2018-04-19 11:09", datetime(2018, 4, 19, 9, 9, tzinfo=UTC)),
        ("2018-01-19 11:09", datetime(2018, 1, 19, 10, 9, tzinfo=UTC)),
        ("2018-01-19", datetime(2018, 1, 18, 23, 0, tzinfo=UTC)),
        ("hier", None),
        ("", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_times_are_aware_and_those_without_zone_are_paris_time(written: str, meant: datetime | None) -> None:
    since = parse_search(page_of(row(dateHeureEtatCourant=written))).rows[0].since
    assert since == meant
    assert since is None or since.utcoffset() is not None


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({"libelle": "TRA_MSG_00.000"}, "codeRetour is missing"),
        (page_of() | {"codeRetour": "0"}, "codeRetour is not a whole number"),
        (page_of() | {"listeFactures": "none"}, "listeFactures is not a list"),
        (page_of() | {"parametresRetour": []}, "parametresRetour is not an object"),
        (page_of() | {"parametresRetour": {"total": "many"}}, "total is not a whole number"),
        (page_of() | {"codeRetour": 1, "libelle": 5}, "libelle is not a text"),
    ],
)
def test_a_page_that_is_not_as_agreed_is_an_error_that_names_the_key(data: dict[str, Any], named: str) -> None:
    with pytest.raises(UnexpectedAnswer, match=named):
        parse_search(data)


def test_a_refusal_carries_the_portals_message_code_and_words() -> None:
    with pytest.raises(UnexpectedAnswer) as caught:
        parse_search(example("refused"))
    assert caught.value.code == "GDP_MSG_11.008"
    assert caught.value.words == "GDP_MSG_11.008 - La demande de paiement n'existe pas."


def test_a_refusal_without_message_code_carries_codeRetour() -> None:
    with pytest.raises(UnexpectedAnswer) as caught:
        parse_search({"codeRetour": 20001})
    assert (caught.value.code, caught.value.words) == ("20001", "refused without a reason")


def test_no_result_is_a_refusal_where_one_invoice_is_asked_for() -> None:
    with pytest.raises(UnexpectedAnswer, match=r"consulter/fournisseur\): TRA_MSG_00\.015"):
        parse_invoice(example("search_no_result"))


def test_an_invoice_is_read() -> None:
    assert parse_invoice(example("invoice")) == InvoiceStatus(4321098, "F-2026-042", "SUSPENDUE")


def test_an_invoice_without_status_is_an_error_that_names_the_key() -> None:
    with pytest.raises(UnexpectedAnswer, match="statutFacture is missing"):
        parse_invoice({"codeRetour": 0, "facture": {"identifiantFactureCPP": 7, "numeroFacture": "F-7"}})


def test_a_history_is_read() -> None:
    history = parse_history(example("history"))
    assert (history.chorus_id, history.current) == (4321098, "SUSPENDUE")
    assert history.entries[0] == HistoryEntry(
        "SUSPENDUE", datetime(2026, 10, 9, 10, 12, tzinfo=PARIS), "Pièce justificative manquante"
    )


def history_of(*entries: object) -> dict[str, Any]:
    return {
        "codeRetour": 0,
        "idFacture": 7,
        "statutCourantCode": "SUSPENDUE",
        "historiquesDesStatuts": {"histoStatut": list(entries)},
    }


def test_the_reason_is_that_of_the_newest_entry_whatever_their_order() -> None:
    old = {"histoStatutId": 1, "histoStatutCode": "SUSPENDUE", "histoStatutCommentaire": "old"}
    new = {"histoStatutId": 3, "histoStatutCode": "SUSPENDUE", "histoStatutCommentaire": "new"}
    other = {"histoStatutId": 4, "histoStatutCode": "COMPLETEE"}
    assert parse_history(history_of(old, new, other)).reason_for("SUSPENDUE") == "new"
    assert parse_history(history_of(other, new, old)).reason_for("SUSPENDUE") == "new"


def test_a_status_without_entry_or_comment_has_no_reason() -> None:
    history = parse_history(history_of({"histoStatutId": 1, "histoStatutCode": "DEPOSEE"}))
    assert history.reason_for("DEPOSEE") == history.reason_for("REJETEE") == ""


def test_a_history_of_one_entry_may_come_as_an_object_and_of_none_as_nothing() -> None:
    one = history_of() | {"historiquesDesStatuts": {"histoStatut": {"histoStatutCode": "DEPOSEE"}}}
    none = history_of() | {"historiquesDesStatuts": None}
    assert parse_history(one).entries == (HistoryEntry("DEPOSEE", None, ""),)
    assert parse_history(none).entries == ()


def test_a_healthy_portal_passes() -> None:
    check_health(example("health_check"))


def test_a_portal_that_says_it_is_not_well_is_unavailable_in_its_own_words() -> None:
    with pytest.raises(PortalUnavailable, match="KO, maintenance en cours"):
        check_health({"statusCode": "KO", "body": "maintenance en cours"})


def test_a_health_check_without_status_is_an_unexpected_answer() -> None:
    with pytest.raises(UnexpectedAnswer, match="statusCode is missing"):
        check_health({})


def test_messages_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        parse_search(example("search_one_invoice")).rows[0].code = "X"  # type: ignore[misc]
