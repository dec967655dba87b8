"""The faults that cost time or the connection, byte by byte."""

import threading
import time

import pytest
import requests

from chorus.local_portal.server import LocalPortal
from tests.chorus.local_portal.client import HEALTH_CHECK, SEARCH, TREAT, Client
from tests.chorus.local_portal.faults.test_refusals import MANDATE, go_wrong, status
from tests.chorus.local_portal.http import wire

pytestmark = pytest.mark.wrong_traffic

NONE_FOUND = {"numeroFacture": "NONE"}


def test_latency_waits_before_the_answer(portal: LocalPortal) -> None:
    go_wrong(portal, "kind=latency,ms=60")
    assert requests.get(portal.url + HEALTH_CHECK, timeout=10).elapsed.total_seconds() >= 0.06


def test_a_drip_brings_the_whole_answer_a_few_bytes_at_a_time(portal: LocalPortal, client: Client) -> None:
    whole = wire.call(client, SEARCH, NONE_FOUND)
    go_wrong(portal, "kind=drip,bytes-per-second=400")
    began = time.monotonic()
    dripped = wire.call(client, SEARCH, NONE_FOUND)
    assert time.monotonic() - began >= len(whole.body) / 400
    assert dripped.body == whole.body
    assert f"Content-Length: {len(whole.body)}\r\n" in dripped.head


def test_a_client_that_leaves_a_drip_disturbs_nobody(
    portal: LocalPortal, client: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    go_wrong(portal, "kind=drip,bytes-per-second=1000,times=1")
    with requests.post(portal.url + SEARCH, json={}, headers=client.headers, timeout=10, stream=True) as answer:
        assert answer.status_code == 200
    assert client.post(SEARCH, {}).status_code == 200
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(20)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(("when", "left"), [("before", "MISE_A_DISPOSITION"), ("after", "MANDATEE")])
def test_a_reset_ends_the_connection_without_a_byte_whether_the_call_was_done_or_not(
    portal: LocalPortal, buyer: Client, capfd: pytest.CaptureFixture[str], when: str, left: str
) -> None:
    go_wrong(portal, f"kind=reset,when={when},times=1")
    assert wire.call(buyer, TREAT, MANDATE) == wire.Received((), was_reset=True)
    assert status(portal.store) == left
    assert buyer.search()["codeRetour"] == 0
    assert capfd.readouterr().err == ""


def test_a_client_library_sees_a_reset_as_a_lost_connection(portal: LocalPortal, client: Client) -> None:
    go_wrong(portal, "kind=reset")
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        client.post(SEARCH, {})


def test_a_truncated_body_ends_in_the_middle_of_what_was_announced(portal: LocalPortal, client: Client) -> None:
    whole = wire.call(client, SEARCH, NONE_FOUND).body
    go_wrong(portal, "kind=truncated-body")
    received = wire.call(client, SEARCH, NONE_FOUND)
    assert f"Content-Length: {len(whole)}\r\n" in received.head
    assert (received.body, received.was_reset) == (whole[: len(whole) // 2], False)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.post(SEARCH, NONE_FOUND)
