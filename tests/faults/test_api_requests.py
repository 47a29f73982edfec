"""Requests of the JSON API whose process is killed: sent again with the same key, each takes effect exactly once."""

import os
import signal
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from time import sleep

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from app.api.endpoints import Endpoint
from app.api.routes import endpoints
from app.db import transaction
from app.declarations.api import sample_id
from app.extensions import db
from app.models import AuditLog, IdempotencyKey, RecordingPart, Role
from tests.api.conftest import company
from tests.api.samples import ApiCompany
from tests.api.test_walk import send_example
from tests.faults.conftest import wait_until
from tests.support.api_client import ApiClient
from tests.support.direct_access import Behind

__all__ = ["company"]

KEY = {"Idempotency-Key": "one"}
#: One operation of each kind.
KINDS = {
    "create": "createTask",
    "action": "completeTask",
    "change": "updateTask",
    "delete": "deleteTask",
    "enqueued": "createExport",
}

Point = Callable[[Callable[[], None]], None]


def before_commit(_commit: Callable[[], None]) -> None:
    """Stop with all of the work done and nothing committed."""


def after_commit(commit: Callable[[], None]) -> None:
    """Stop with the work committed and no response sent."""
    commit()


@contextmanager
def stopped_at(point: Point, send: Callable[[], object]) -> Iterator[int]:
    """Send a request in a process of its own, which stops at a point until it is killed; yield its ID."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _stop_at(point, writing)
        send()
        os._exit(1)  # it should have stopped before
    os.close(writing)
    try:
        assert os.read(reading, 1) == b"!", "the request has not come to the point"
        yield child
    finally:
        os.close(reading)
        kill(child)


def _stop_at(point: Point, writing: int) -> None:
    """Make this process, a copy, use connections of its own and stop when it ends the transaction."""
    for engine in db.engines.values():
        engine.dispose(close=False)
    end = transaction.end_transaction

    def stop(*, keep: bool) -> None:
        point(lambda: end(keep=keep))
        os.write(writing, b"!")
        sleep(60)

    transaction.end_transaction = stop


def kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
    except ProcessLookupError:
        pass
    except ChildProcessError:
        pass


@pytest.fixture
def owner(app: Flask, company: ApiCompany) -> ApiClient:
    return ApiClient(app, company.people[Role.OWNER])


@pytest.fixture(params=KINDS)
def endpoint(app: Flask, request: pytest.FixtureRequest) -> Endpoint:
    return next(one for one in endpoints(app) if one.name == KINDS[request.param])


@pytest.fixture
def times_done(behind: Behind, company: ApiCompany) -> Callable[[], int]:
    """Function that returns how many requests have left entries in the trail since the fixture was made."""
    known = {entry.id for entry in behind.rows(AuditLog)}
    return lambda: len({entry.request_id for entry in behind.rows(AuditLog) if entry.id not in known})


def test_killed_before_the_commit_it_has_no_effect_until_it_is_sent_again(
    app: Flask, owner: ApiClient, endpoint: Endpoint, behind: Behind, times_done: Callable[[], int]
) -> None:
    with app.app_context(), stopped_at(before_commit, lambda: send_example(owner, endpoint, headers=KEY)):
        assert times_done() == 0
    again = send_example(owner, endpoint, headers=KEY)

    assert 200 <= again.status_code < 300
    assert "Idempotency-Replayed" not in again.headers
    assert (times_done(), len(behind.rows(IdempotencyKey))) == (1, 1)


def test_killed_after_the_commit_it_is_replayed(
    app: Flask, owner: ApiClient, endpoint: Endpoint, behind: Behind, times_done: Callable[[], int]
) -> None:
    with app.app_context(), stopped_at(after_commit, lambda: send_example(owner, endpoint, headers=KEY)):
        assert times_done() == 1
    again = send_example(owner, endpoint, headers=KEY)

    assert 200 <= again.status_code < 300
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (times_done(), len(behind.rows(IdempotencyKey))) == (1, 1)


def test_killed_while_its_twin_waits_one_of_the_three_takes_effect(
    app: Flask, owner: ApiClient, endpoint: Endpoint, admin_engine: Engine, times_done: Callable[[], int]
) -> None:
    with app.app_context(), stopped_at(before_commit, lambda: send_example(owner, endpoint, headers=KEY)) as first:
        twin = os.fork()
        if twin == 0:
            for engine in db.engines.values():
                engine.dispose(close=False)
            send_example(owner, endpoint, headers=KEY)
            os._exit(0)
        wait_until(lambda: _is_waited_for(admin_engine), seconds=20)
        kill(first)
        os.waitpid(twin, 0)
    again = send_example(owner, endpoint, headers=KEY)

    assert again.headers["Idempotency-Replayed"] == "true"
    assert times_done() == 1


@pytest.mark.parametrize("point", [before_commit, after_commit])
def test_an_upload_whose_process_is_killed_is_stored_once(
    app: Flask, owner: ApiClient, behind: Behind, point: Point
) -> None:
    part = b"the second part"
    path = f"/recording-sessions/{sample_id('recording_session', 'open')}/parts/2"
    headers = {"Content-Digest": f"sha-256=:{b64encode(sha256(part).digest()).decode()}:"}

    def upload() -> TestResponse:
        return owner.send("PUT", path, data=part, content_type="application/octet-stream", headers=headers)

    with app.app_context(), stopped_at(point, upload):
        pass
    assert [upload().status_code for _ in range(2)] == [200, 200]
    assert len(behind.rows(RecordingPart, number=2)) == 1


def _is_waited_for(admin_engine: Engine) -> bool:
    """Return whether a statement waits for another transaction to write the key."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%idempotency_keys%'"
        " AND pid <> pg_backend_pid()"
    )
    with admin_engine.connect() as connection:
        return bool(connection.execute(text(waiting)).scalar_one())
