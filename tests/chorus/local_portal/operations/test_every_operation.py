"""A session that calls every operation, held against the contract where it lies beside the checkout."""

import datetime
from pathlib import Path
from types import ModuleType

from chorus.local_portal.http.recorder import Recorder
from chorus.local_portal.operations import OPERATIONS
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import HEALTH_CHECK, TOKEN
from tests.chorus.local_portal.operations.every_operation import run
from tests.chorus.local_portal.operations.sessions import Session


def session_with(store: Store, portal: LocalPortal) -> Session:
    def a_second_passes() -> None:
        store.clock.advance(datetime.timedelta(seconds=1))

    return Session(portal.url, wait=a_second_passes, say=lambda _: None)


def test_every_operation_is_called_and_answers_as_it_should(store: Store, portal: LocalPortal) -> None:
    session = session_with(store, portal)
    run(session)
    assert session.paths == {*OPERATIONS, TOKEN, HEALTH_CHECK}


def test_the_exchanges_of_all_operations_conform(store: Store, tmp_path: Path, checker: ModuleType) -> None:
    file = tmp_path / "exchanges.jsonl"
    with Recorder(file) as recorder, LocalPortal(store, recorder=recorder) as portal:
        run(session_with(store, portal))
    exchanges, findings = checker.check_file(file)
    assert (exchanges > 100, [str(finding) for finding in findings]) == (True, [])
