"""A client notices that a response failed half-way: the web server breaks off the connection."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection, IncompleteRead

import pytest

from app.config import PROJECT_ROOT
from app.server.ports import claimed_port
from tests.faults.conftest import HOST, wait_until


@pytest.fixture
def connection() -> Iterator[HTTPConnection]:
    """A connection to a server whose app fails in the middle of each response."""
    with claimed_port(HOST, 8300) as port:
        command = [sys.executable, "-m", "granian", "--interface", "asginl", "--port", str(port)]
        server = subprocess.Popen([*command, "tests.server.half_a_file:gateway"], cwd=PROJECT_ROOT)
        connection = HTTPConnection(HOST, port, timeout=20)

        def is_up() -> bool:
            with suppress(ConnectionError):
                connection.connect()
                return True
            return False

        try:
            wait_until(is_up, seconds=30)
            yield connection
        finally:
            connection.close()
            server.terminate()
            server.wait()


def test_half_a_file_is_not_taken_for_all_of_it(connection: HTTPConnection) -> None:
    connection.request("GET", "/")
    response = connection.getresponse()
    with pytest.raises(IncompleteRead) as broken:
        response.read()

    assert response.status == 200
    assert broken.value.partial == b"one\r\n" * 10_000


def test_a_client_of_http_1_0_gets_an_error_in_place_of_half_a_file(
    connection: HTTPConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_http_vsn_str", "HTTP/1.0")
    connection.request("GET", "/")
    response = connection.getresponse()

    assert response.status == 500
    assert b"one" not in response.read()
