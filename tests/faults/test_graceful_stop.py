"""Graceful stop under load: running requests are finished, and all others get a 503 that asks them to retry."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException

import pytest
from sqlalchemy import Engine, text

from app.models import Role
from tests.faults.conftest import HOST, WebServer, calls_locked, wait_until
from tests.support.factories import Factories

CLIENTS = 50


def ask_until_refused(server: WebServer, headers: dict[str, str], answers: Counter[int], lock: threading.Lock) -> None:
    """Request page after page over one connection, as a browser does, until the server answers 503."""
    connection = HTTPConnection(HOST, server.port, timeout=30)
    status = 200
    while status == 200:
        connection.request("GET", "/calls", headers=headers)
        response = connection.getresponse()
        body = response.read()
        status = response.status
        with lock:
            answers[status] += 1
    assert status == 503, status
    assert response.getheader("Retry-After") == "30"
    assert response.getheader("Connection") == "close"
    assert b"restarting" in body
    connection.close()


@pytest.mark.turn(3)
def test_each_of_fifty_clients_gets_its_page_or_is_told_to_come_back(
    serve: Callable[..., WebServer],
    make: Factories,
    cookie_of: Callable[..., dict[str, str]],
    admin_engine: Engine,
) -> None:
    organization = make.organization()
    headers = cookie_of(make.user(organization, role=Role.MANAGER))
    of_this_test = connections_of_the_app(admin_engine)
    # The limits on waiting for a slot and on one person's requests are tested elsewhere.
    server = serve(web_processes=2, pool_wait_seconds=30, most_waiting_of_a_person=CLIENTS, organization_share=1)
    answers: Counter[int] = Counter()
    lock = threading.Lock()

    with ThreadPoolExecutor(CLIENTS) as clients:
        asked = [clients.submit(ask_until_refused, server, headers, answers, lock) for _ in range(CLIENTS)]
        wait_until(lambda: answers[200] > CLIENTS)
        server.process.send_signal(signal.SIGTERM)
        for one in asked:
            one.result(timeout=30)

    assert answers[503] == CLIENTS
    assert set(answers) == {200, 503}
    assert server.process.wait(timeout=10) == 0
    wait_until(lambda: connections_of_the_app(admin_engine) <= of_this_test, seconds=2)


def test_what_runs_is_finished_while_others_are_refused(
    serve: Callable[..., WebServer],
    make: Factories,
    cookie_of: Callable[..., dict[str, str]],
    admin_engine: Engine,
) -> None:
    headers = cookie_of(make.user(make.organization(), role=Role.MANAGER))
    server = serve(stop_notice_seconds=0.1)

    with ThreadPoolExecutor(1) as client:
        with calls_locked(admin_engine):
            slow = client.submit(server.ask, "/calls", headers)
            wait_until(lambda: waiting_statements(admin_engine) == 1)
            server.process.send_signal(signal.SIGTERM)
            wait_until(lambda: server.ask("/health/lb")[0] == 503)
            server.process.send_signal(signal.SIGTERM)  # a second signal changes nothing
            time.sleep(0.3)
            status, refused = server.ask("/calls", headers)
            assert (status, refused["retry-after"], refused["connection"]) == (503, "30", "close")
        assert slow.result(timeout=10)[0] == 200

    assert server.process.wait(timeout=10) == 0


def test_whoever_has_just_got_a_page_is_told_with_the_next_request(
    serve: Callable[..., WebServer],
    make: Factories,
    cookie_of: Callable[..., dict[str, str]],
    admin_engine: Engine,
) -> None:
    headers = cookie_of(make.user(make.organization(), role=Role.MANAGER))
    server = serve(stop_notice_seconds=1)
    connection = HTTPConnection(HOST, server.port, timeout=30)

    with calls_locked(admin_engine):
        connection.request("GET", "/calls", headers=headers)
        wait_until(lambda: waiting_statements(admin_engine) == 1)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(1.5)  # longer than the notice
    page = connection.getresponse()
    page.read()
    time.sleep(0.5)
    connection.request("GET", "/calls", headers=headers)
    refused = connection.getresponse()
    refused.read()

    assert (page.status, refused.status) == (200, 503)
    assert server.process.wait(timeout=10) == 0


def test_without_a_notice_running_requests_are_finished(
    serve: Callable[..., WebServer],
    make: Factories,
    cookie_of: Callable[..., dict[str, str]],
    admin_engine: Engine,
) -> None:
    headers = cookie_of(make.user(make.organization(), role=Role.MANAGER))
    server = serve(stop_notice_seconds=0)

    with ThreadPoolExecutor(1) as client:
        with calls_locked(admin_engine):
            slow = client.submit(server.ask, "/calls", headers)
            wait_until(lambda: waiting_statements(admin_engine) == 1)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(1)
            assert server.ask("/calls", headers)[0] == 503
        assert slow.result(timeout=10)[0] == 200

    assert server.process.wait(timeout=10) == 0


def test_a_killed_server_leaves_no_process_on_its_port(serve: Callable[..., WebServer]) -> None:
    server = serve()
    server.process.kill()

    def is_silent() -> bool:
        try:
            server.ask("/health/lb")
        except (OSError, HTTPException):
            return True
        return False

    wait_until(is_silent, seconds=5)


def connections_of_the_app(engine: Engine) -> set[int]:
    """Return the process IDs of the database backends that serve the app."""
    backends = text(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'switchboard'"
    )
    with engine.connect() as connection:
        return set(connection.scalars(backends))


def waiting_statements(engine: Engine) -> int:
    count = text(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database "
        "WHERE datname = current_database() AND NOT granted"
    )
    with engine.connect() as connection:
        return int(connection.scalar(count) or 0)
