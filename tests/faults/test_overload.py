"""More requests than the server can handle, and a database that doesn't answer: clear errors in bounded time."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Engine

from app.models import Organization, Role
from tests.faults.conftest import WebServer, calls_locked, wait_until
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.relay import Relay

Serve = Callable[..., WebServer]


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def headers(make: Factories, organization: Organization, cookie_of: Callable[..., dict[str, str]]) -> dict[str, str]:
    """The request headers of a manager's browser."""
    return cookie_of(make.user(organization, role=Role.MANAGER))


@pytest.fixture
def relay(database: WorkerDatabase) -> Iterator[Relay]:
    """Relay through which all of the server's connections to the database go."""
    with TemporaryDirectory() as folder:  # the path of a Unix socket must be short
        relay = Relay(Path(folder), database.server.socket_dir)
        yield relay
        relay.close()


def test_whoever_finds_no_place_in_the_queue_is_told_so_at_once(
    serve: Serve, headers: dict[str, str], admin_engine: Engine
) -> None:
    everybody = {"person_share": 1, "organization_share": 1, "most_waiting_of_a_person": 11}
    server = serve(web_threads=2, most_waiting_requests=10, pool_wait_seconds=3, **everybody)
    # The first page of a new server takes longer than its refusals.
    wait_until(lambda: server.ask("/calls", headers)[0] == 200)

    with ThreadPoolExecutor(40) as clients:
        with calls_locked(admin_engine):
            began = time.monotonic()
            asked = [clients.submit(server.ask, "/calls", headers) for _ in range(40)]
            wait_until(lambda: sum(one.done() for one in asked) == 28)
            assert time.monotonic() - began < 3
            assert {one.result()[0] for one in asked if one.done()} == {503}
            assert server.ask("/health/lb")[0] == 200  # while all slots are taken
        found = Counter(one.result()[0] for one in asked)

    assert set(found) == {200, 503}
    assert found[200] >= 2


def test_browsers_that_keep_their_connections_keep_nobody_out(serve: Serve) -> None:
    server = serve(web_threads=2, most_waiting_requests=10)
    kept = [server.kept_connection() for _ in range(150)]

    status, headers = server.ask("/login")
    assert status == 200
    assert headers["server"] == "switchboard"
    for connection in kept:
        connection.close()


def test_a_silent_database_costs_a_request_its_time_and_no_more(
    serve: Serve, headers: dict[str, str], relay: Relay, database: WorkerDatabase
) -> None:
    server = serve(database_url=relay.address(database.url("app_rw")), request_seconds=1.5)
    # On a busy machine, the first page of a new server can take longer than the request timeout used here.
    wait_until(lambda: server.ask("/calls", headers)[0] == 200)

    relay.fall_silent()
    began = time.monotonic()
    with ThreadPoolExecutor(4) as clients:
        found = list(clients.map(lambda _: server.ask("/calls", headers), range(4)))
    assert {status for status, _headers in found} <= {503, 504}
    assert 504 in {status for status, _headers in found}
    assert time.monotonic() - began < 5
    assert server.ask("/health/lb")[0] == 200
    assert server.ask("/health/ready")[0] == 503

    relay.speak_again()
    assert server.ask("/calls", headers)[0] == 200
