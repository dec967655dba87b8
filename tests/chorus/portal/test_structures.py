"""What the portal says of structures, and what is sent to ask for it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from chorus.portal.errors import UnexpectedAnswer
from tests.chorus.portal.servers import Bench, answer

FIND = "/cpro/structures/v1/rechercher"
READ = "/cpro/structures/v1/consulter"
SIRET = "33254021516357"
ROW = {"idStructureCPP": 26073617, "identifiantStructure": SIRET}


def said(**members: Any) -> dict[str, Any]:
    return {"codeRetour": 0, "libelle": "TRA_MSG_00.000"} | members


def ends(text: str | None) -> dict[str, Any]:
    return said(informationGenerales={"dateExpirationMotPasseCompteTech": text})


@pytest.mark.parametrize("rows", [[ROW], ROW, [{"idStructureCPP": 1, "identifiantStructure": "1"}, ROW]])
def test_a_structure_is_found_by_its_siret(bench: Bench, rows: Any) -> None:
    bench.portal.say(FIND, answer(said(listeStructures=rows)))
    assert bench.client().structure_id(SIRET) == 26073617
    structure = json.loads(bench.portal.asked(FIND)[0].body)["structure"]
    assert structure == {"identifiantStructure": SIRET, "typeIdentifiantStructure": "SIRET"}


@pytest.mark.parametrize(
    "reply", [said(listeStructures=[]), said(), {"codeRetour": 20000, "libelle": "TRA_MSG_00.015 - Aucun"}]
)
def test_a_structure_that_is_not_there_is_none(bench: Bench, reply: dict[str, Any]) -> None:
    bench.portal.say(FIND, answer(reply))
    assert bench.client().structure_id(SIRET) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2027-11-08", date(2027, 11, 8)),
        ("2027-11-08T00:00:00.000+01:00", date(2027, 11, 8)),
        ("2027-11-07T23:00:00Z", date(2027, 11, 8)),
        ("soon", None),
        (None, None),
    ],
)
def test_the_end_of_the_password_is_a_day_in_paris(bench: Bench, text: str | None, day: date | None) -> None:
    bench.portal.say(READ, answer(ends(text)))
    assert bench.client().password_ends_on(26073617) == day


def test_a_refusal_is_an_error(bench: Bench) -> None:
    bench.portal.say(READ, answer({"codeRetour": 20000, "libelle": "TRA_MSG_00.901 - La structure n'existe pas"}))
    with pytest.raises(UnexpectedAnswer, match=r"TRA_MSG_00\.901"):
        bench.client().password_ends_on(1)


def test_a_new_token_is_fetched_although_one_is_kept(bench: Bench) -> None:
    client = bench.client()
    client.renew_token()
    client.renew_token()
    assert len(bench.portal.asked("/api/oauth/token")) == 2
