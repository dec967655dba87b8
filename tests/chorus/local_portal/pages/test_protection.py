import pytest
import requests

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.pages.visitor import Visitor

PAGE = "/invoices/4321008"
FORM = {"status": "REJETEE", "reason": "Doublon"}
PATHS = ("/", PAGE, "/flows", "/calls", "/connect", "/assets/style.css", "/assets/icon.svg")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example", "Sec_Fetch_Site": "cross-site"},
        {"Origin": "http://evil.example", "Sec_Fetch_Site": ""},
        {"Origin": "http://127.0.0.1:1", "Sec_Fetch_Site": "same-site"},
        {"Origin": "http://127.0.0.1:1", "Sec_Fetch_Site": ""},
        {"Origin": "null", "Sec_Fetch_Site": ""},
        {"Origin": "", "Sec_Fetch_Site": ""},
        {"Origin": "http://[", "Sec_Fetch_Site": ""},
        {"Sec_Fetch_Site": "cross-site"},
    ],
)
def test_a_form_from_anywhere_else_is_refused(visitor: Visitor, store: Store, headers: dict[str, str]) -> None:
    assert visitor.send(PAGE, FORM, **headers).status == 403
    assert store.invoice(4321008)["status"] == "MISE_A_DISPOSITION"


def test_a_browser_that_sends_no_fetch_metadata_may_send_forms(visitor: Visitor, store: Store) -> None:
    assert visitor.send(PAGE, FORM, Sec_Fetch_Site="").status == 200
    assert store.invoice(4321008)["status"] == "REJETEE"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "", "["])
@pytest.mark.parametrize("path", PATHS)
def test_a_name_that_is_only_made_to_lead_here_is_refused(visitor: Visitor, path: str, host: str) -> None:
    page = visitor.get(path, Host=host)
    assert page.status in (400, 403)
    assert "ACME" not in page.answer.text


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1", "[::1]:8100"])
def test_this_machine_s_names_are_its_own(visitor: Visitor, host: str) -> None:
    assert visitor.get("/", Host=host).status == 200


def test_where_other_machines_may_call_any_name_may_be_used(store: Store) -> None:
    with LocalPortal(store, host="0.0.0.0") as portal:  # noqa: S104 - bound for the length of a test
        port = portal.url.rpartition(":")[2]
        answer = requests.get(f"http://127.0.0.1:{port}/", headers={"Host": "portal.lan"}, timeout=10)
    assert answer.status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_forbids_what_pages_do_not_need(visitor: Visitor, path: str) -> None:
    headers = visitor.get(path).answer.headers
    assert headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_refusals_have_these_headers_as_well(visitor: Visitor) -> None:
    assert "Content-Security-Policy" in visitor.send(PAGE, FORM, Origin="http://evil.example").answer.headers


@pytest.mark.parametrize("path", ["/", PAGE, "/flows", "/calls", "/connect"])
def test_pages_have_no_script_and_no_style_of_their_own(visitor: Visitor, path: str) -> None:
    page = visitor.get(path)
    assert page.values("//script | //style | //@style | //@*[starts-with(name(), 'on')]") == []


@pytest.mark.parametrize("name", ["..%2fsite.py", "../site.py", "%2e%2e/%2e%2e/default_seed.json", "nothing.css"])
def test_nothing_but_the_assets_is_served(visitor: Visitor, name: str) -> None:
    assert visitor.get(f"/assets/{name}").status == 404


@pytest.mark.wrong_traffic
def test_pages_need_no_token_and_the_api_still_does(visitor: Visitor) -> None:
    assert visitor.get("/").status == 200
    assert visitor.get("/cpro/transverses/v1/health-check").status == 400
