import pytest

from chorus.local_portal.http.hosts import state_host, state_host_in


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://api.piste.gouv.fr/cpro", "api.piste.gouv.fr"),
        ("https://piste.gouv.fr", "piste.gouv.fr"),
        ("sandbox-oauth.piste.gouv.fr", "sandbox-oauth.piste.gouv.fr"),
        ("HTTPS://API.Piste.GOUV.fr:443/", "api.piste.gouv.fr"),
        ("api.piste.gouv.fr.", "api.piste.gouv.fr"),
        ("http://login:secret@chorus-pro.gouv.fr/", "chorus-pro.gouv.fr"),
        ("http://127.0.0.1@portail.chorus-pro.gouv.fr", "portail.chorus-pro.gouv.fr"),
        ("chorus-pro.gouv.fr:5443/service", "chorus-pro.gouv.fr"),
        ("https://aife.economie.gouv.fr", "aife.economie.gouv.fr"),
        ("x.aife.economie.gouv.fr", "x.aife.economie.gouv.fr"),
        ("http://api%2Episte.gouv.fr", "api.piste.gouv.fr"),
        ("http://api。piste。gouv。fr", "api.piste.gouv.fr"),
        ("http://ａｐｉ．ｐｉｓｔｅ．ｇｏｕｖ．ｆｒ", "api.piste.gouv.fr"),
    ],
)
def test_a_host_of_the_state_is_known_in_whatever_spelling(text: str, host: str) -> None:
    assert state_host(text) == host


@pytest.mark.parametrize(
    "text",
    ["", "http://127.0.0.1:8100", "localhost", "notpiste.gouv.fr", "economie.gouv.fr", "piste.gouv.fr.example.org",
     "my-chorus-pro.gouv.fr", "TECH_1_00001@cpro.fr", "piste.gouv.france"],
)  # fmt: skip
def test_any_other_host_is_not_the_state_s(text: str) -> None:
    assert state_host(text) is None


@pytest.mark.parametrize(
    "value",
    [
        {"invoices": [{"comment": "see https://portail.chorus-pro.gouv.fr/"}]},
        {"accounts": [{"https://portail.chorus-pro.gouv.fr": 1}]},
        ["portail.chorus-pro.gouv.fr"],
    ],
)
def test_a_host_of_the_state_is_found_anywhere_in_json(value: object) -> None:
    assert state_host_in(value) == "portail.chorus-pro.gouv.fr"


@pytest.mark.parametrize("value", [None, 12, {}, {"a": [1, None, True, {"b": "cpro.fr"}]}])
def test_json_without_a_host_of_the_state_has_none(value: object) -> None:
    assert state_host_in(value) is None
