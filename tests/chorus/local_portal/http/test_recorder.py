import base64
import datetime
import json
import logging
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import requests

from chorus.local_portal.faults import parse_text
from chorus.local_portal.http.recorder import KEPT, SHOWN, Message, Passage, Recorder
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import (
    BUYER_LOGIN,
    HEALTH_CHECK,
    PASSWORDS,
    SEARCH,
    SUPPLIER_LOGIN,
    TOKEN,
    TREAT,
    Client,
    account_header,
)
from tests.chorus.local_portal.faults.test_refusals import FORM, go_wrong
from tests.chorus.local_portal.http import wire

SECRETS = ("local-secret", *PASSWORDS.values(), *(account_header(*pair) for pair in PASSWORDS.items()))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "record.jsonl"


@pytest.fixture
def portal(store: Store, file: Path) -> Iterator[LocalPortal]:
    with Recorder(file) as recorder, LocalPortal(store, recorder=recorder) as portal:
        yield portal


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="ascii").splitlines()]


def passage(content: bytes, path: str = SEARCH, media_type: str = "application/json") -> Passage:
    request = Message({"Content-Type": media_type}, content)
    return Passage(datetime.datetime.now(datetime.UTC), "POST", path, request, 200, Message({}), 1.0, None)


def test_every_exchange_is_a_line_that_a_checker_can_read(client: Client, file: Path) -> None:
    client.search(numeroFacture="ACME-2026-008")
    token, search = lines(file)
    assert (token["method"], token["path"], token["status"], token["account"]) == ("POST", TOKEN, 200, "local")
    assert token["request_body"] == ("grant_type=client_credentials&client_id=local&client_secret=masked&scope=openid")
    assert token["response_body"] == {
        "access_token": "masked",
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "openid",
    }
    assert (search["path"], search["status"], search["account"]) == (SEARCH, 200, SUPPLIER_LOGIN)
    assert search["request_headers"]["Authorization"] == "Bearer masked"
    assert base64.b64decode(search["request_headers"]["Cpro-Account"]) == b"masked:masked"
    assert search["request_body"] == {"numeroFacture": "ACME-2026-008"}
    assert search["response_headers"]["Content-Type"] == "application/json;charset=utf-8"
    assert [row["numeroFacture"] for row in search["response_body"]["listeFactures"]] == ["ACME-2026-008"]
    assert datetime.datetime.fromisoformat(search["at"]).utcoffset() == datetime.timedelta(0)
    assert search["duration_ms"] > 0
    assert search["faults"] == []


def test_a_line_is_there_before_the_answer_leaves(client: Client, file: Path) -> None:
    for count in range(2, 30):
        client.search()
        assert len(lines(file)) == count


def test_no_secret_is_in_a_masked_record(portal: LocalPortal, client: Client, buyer: Client, file: Path) -> None:
    buyer.post(TREAT, {"idFacture": 4321008, "nouveauStatut": "MANDATEE"})
    basic = {"Authorization": f"Basic {account_header('local', 'local-secret')}"}
    requests.post(portal.url + TOKEN, data={"grant_type": "client_credentials"}, headers=basic, timeout=10)
    requests.post(portal.url + TOKEN, data="client%5Fsecret=local-secret", timeout=10)
    requests.post(portal.url + TOKEN, json={"secret": {"client_secret": "local-secret"}}, timeout=10)
    requests.post(portal.url + TOKEN, json=["local-secret"], timeout=10)
    requests.post(portal.url + TOKEN, data='{"client_secret": "local-secret"}', timeout=10)
    requests.post(portal.url + SEARCH + "?client_secret=local-secret", data=FORM, timeout=10)
    requests.post(
        portal.url + SEARCH, headers={"Authorization": "local-secret", "X-Api-Key": "local-secret"}, timeout=10
    )
    for form in ("cut", "not-utf-8"):
        go_wrong(portal, f"kind=invalid-body,form={form},times=1")
        requests.post(portal.url + TOKEN, data=FORM, timeout=10)
    written = file.read_text(encoding="ascii") + str(portal.recorder.last(KEPT))
    given = [each.headers["Authorization"].removeprefix("Bearer ") for each in (client, buyer)]
    assert len(lines(file)) == 12
    assert [secret for secret in (*SECRETS, *given) if secret in written] == []
    assert ["masked" in line["response_body"] for line in lines(file)[-2:]] == [True, True]


def test_secrets_are_shown_in_the_file_where_they_are_asked_for_but_never_in_memory(store: Store, file: Path) -> None:
    with Recorder(file, with_secrets=True) as recorder, LocalPortal(store, recorder=recorder) as portal:
        client = Client(portal.url)
        client.search()
    token, search = lines(file)
    assert "client_secret=local-secret" in token["request_body"]
    assert f"Bearer {token['response_body']['access_token']}" == search["request_headers"]["Authorization"]
    assert search["request_headers"]["Cpro-Account"] == account_header(SUPPLIER_LOGIN, PASSWORDS[SUPPLIER_LOGIN])
    assert "local-secret" not in str(recorder.last(2))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("Authorization", "Bearer local secret"),
        ("Authorization", "Basic local:secret"),
        ("Authorization", "Other local:secret"),
        ("Authorization", "local:secret"),
        ("cpro-account", "local:secret"),
        ("cpro-account", base64.b64encode(b"secret").decode()),
    ],
)
def test_masking_does_not_make_a_wrong_header_right(
    client: Client, file: Path, checker: ModuleType, name: str, wrong: str
) -> None:
    client.post(SEARCH, {}, **{name: wrong})
    found = [finding.pointer for finding in checker.check_exchange(lines(file)[-1], side="request")]
    assert found == [f"/request_headers/{name}"]
    assert wrong.removeprefix("Bearer ").removeprefix("Basic ").removeprefix("Other ") not in str(lines(file)[-1])


def test_a_header_that_is_missing_or_empty_stays_so(client: Client, file: Path) -> None:
    client.post(SEARCH, {}, Authorization="", **{"cpro-account": ""})
    headers = lines(file)[-1]["request_headers"]
    assert (headers["Authorization"], headers["Cpro-Account"]) == ("", "")


def test_a_recorded_session_conforms_to_the_contract(
    portal: LocalPortal, client: Client, file: Path, checker: ModuleType
) -> None:
    client.search()
    Client(portal.url, BUYER_LOGIN).post(TREAT, {"idFacture": 4321008, "nouveauStatut": "MANDATEE"})
    requests.get(client.url + HEALTH_CHECK, headers=client.headers, timeout=10)
    assert checker.check_file(file) == (5, [])


def test_a_call_that_is_not_let_in_is_recorded_without_account(portal: LocalPortal, file: Path) -> None:
    requests.post(portal.url + SEARCH, json={}, timeout=10)
    requests.post(portal.url + TOKEN, data={**FORM, "client_secret": "wrong"}, timeout=10)
    assert [(line["status"], line["account"]) for line in lines(file)] == [(400, None), (400, None)]


def test_an_exchange_names_the_faults_that_it_met(portal: LocalPortal, client: Client, file: Path) -> None:
    go_wrong(portal, "kind=latency,ms=1", "kind=too-many,retry-after=5")
    client.post(SEARCH, {})
    line = lines(file)[-1]
    assert (line["faults"], line["status"], line["response_body"]) == (["latency", "too-many"], 429, None)
    assert line["response_headers"]["Retry-After"] == "5"


def test_a_connection_that_was_reset_is_recorded_with_status_0(portal: LocalPortal, client: Client, file: Path) -> None:
    go_wrong(portal, "kind=reset")
    wire.call(client, SEARCH, {})
    line = lines(file)[-1]
    assert (line["faults"], line["status"], line["response_body"]) == (["reset"], 0, None)


def test_what_was_sent_of_a_truncated_body_is_recorded(portal: LocalPortal, client: Client, file: Path) -> None:
    go_wrong(portal, "kind=truncated-body")
    received = wire.call(client, SEARCH, {"numeroFacture": "NONE"})
    assert lines(file)[-1]["response_body"] == received.body.decode()


def test_a_huge_body_is_not_recorded(portal: LocalPortal, client: Client, file: Path) -> None:
    go_wrong(portal, "kind=huge-body,megabytes=2")
    client.post(SEARCH, {})
    assert lines(file)[-1]["response_body"] is None


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"", None),
        (b'{"a": "\xc3\xa9"}', {"a": "é"}),
        (b'{"a": "\\ud800"}', {"a": "\ud800"}),
        (b'{"a": NaN}', '{"a": NaN}'),
        (b'{"a": "\xff"}', '{"a": "\\xff"}'),
        (b"[" * 100_000, "[" * 100_000),
        (b"[" * 99 + b"]" * 99, json.loads("[" * 99 + "]" * 99)),
        (b"[" * 900 + b"]" * 900, "[" * 900 + "]" * 900),
        (b"1" * 5000, "1" * 5000),
    ],
    ids=["empty", "utf-8", "surrogate", "NaN", "not utf-8", "deep", "nested", "nested deep", "huge number"],
)
def test_whatever_a_body_holds_the_line_is_json(file: Path, content: bytes, shown: Any) -> None:
    with Recorder(file) as recorder:
        recorder.record(passage(content))
    (line,) = lines(file)
    assert line["request_body"] == shown


def test_the_last_exchanges_are_kept_newest_first() -> None:
    recorder = Recorder()
    for number in range(KEPT + 5):
        recorder.record(passage(json.dumps({"number": number}).encode()))
    assert [exchange.request_body["number"] for exchange in recorder.last(2)] == [KEPT + 4, KEPT + 3]
    assert len(recorder.last(1000)) == KEPT


def test_a_long_body_is_kept_in_memory_only_in_part(file: Path) -> None:
    body = {"fichierFlux": "A" * 100_000}
    with Recorder(file) as recorder:
        recorder.record(passage(json.dumps(body).encode()))
    (kept,) = recorder.last(1)
    assert len(kept.request_body) < SHOWN + 100
    assert kept.request_body.endswith(f"… ({len(json.dumps(body))} bytes in all)")
    assert lines(file)[0]["request_body"] == body


def test_threads_do_not_mix_their_lines(client: Client, file: Path) -> None:
    threads = [threading.Thread(target=client.search) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [line["status"] for line in lines(file)] == [200] * 21


def test_a_record_goes_on_where_it_ended_and_is_for_its_owner_alone(file: Path) -> None:
    for _ in range(2):
        with Recorder(file) as recorder:
            recorder.record(passage(b"{}"))
    assert len(lines(file)) == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_record_that_cannot_be_written_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file or directory"):
        Recorder(tmp_path / "missing" / "record.jsonl")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_disk_that_is_full_is_told_in_the_log_and_disturbs_nobody(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with Recorder(Path("/dev/full")) as recorder, LocalPortal(store, recorder=recorder) as portal:
        assert Client(portal.url).search()["codeRetour"] == 0
    assert "An exchange is not in the record /dev/full: No space left on device" in caplog.text
    assert {record.levelno for record in caplog.records} == {logging.ERROR}


def test_faults_may_be_parsed_for_a_portal_that_records(portal: LocalPortal, client: Client) -> None:
    portal.faults.add([parse_text("kind=drip,bytes-per-second=100000")])
    client.search()
    (exchange,) = portal.recorder.last(1)
    assert exchange.faults == ["drip"]
    assert exchange.response_body["codeRetour"] == 0
