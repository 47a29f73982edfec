"""Hundreds of connections that send or read a byte at a time block no one, and are closed in the end.

What breaks the protocol gets a response of the app.
"""

import json
import resource
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.models import Role, User
from tests.faults.conftest import HOST, WebServer, wait_until, web_servers
from tests.support.cached_rows import restored_by_copy
from tests.support.factories import Factories
from tests.support.slow_sockets import Slow, SlowSockets, slow_sockets

#: Longer than a first page takes on a busy machine, and short enough to wait for.
REQUEST_SECONDS = 20
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log file of the shared server."""
    return tmp_path_factory.mktemp("log") / "lines"


@pytest.fixture(scope="module")
def _server(_app: Flask, tmp_path_factory: pytest.TempPathFactory, log: Path) -> Iterator[WebServer]:
    """The shared server, started with a low limit of open files."""
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with log.open("wb") as file, web_servers(_app.config["SETTINGS"], tmp_path_factory.mktemp("slow"), file) as start:
        resource.setrlimit(resource.RLIMIT_NOFILE, (512, most))
        try:
            server = start(request_seconds=REQUEST_SECONDS)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, most))
        yield server


@pytest.fixture
def server(_server: WebServer, app: Flask) -> WebServer:
    """The server with default settings, shared by the tests."""
    return _server


@pytest.fixture(scope="module")
def _impatient_server(_app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    with web_servers(_app.config["SETTINGS"], tmp_path_factory.mktemp("impatient")) as start:
        # With fewer slots for files, the first reader would be dropped before the last begins.
        yield start(head_seconds=1, unread_seconds=1, file_slots=3)


@pytest.fixture
def impatient_server(_impatient_server: WebServer, app: Flask) -> WebServer:
    """A server that waits one second for the headers and for a reader, shared by the tests."""
    return _impatient_server


@pytest.fixture
@restored_by_copy
def owner(make: Factories) -> User:
    """An owner whose trail's file is larger than what a connection buffers. Restored by COPY."""
    organization = make.organization()
    with make.batch():
        for _ in range(500):
            make.task(organization, description="🙂" * 2000)
    return make.user(organization, role=Role.OWNER)


@pytest.fixture
def headers(owner: User, cookie_of: Callable[..., dict[str, str]]) -> dict[str, str]:
    """The owner's request headers."""
    return cookie_of(owner)


def click(server: WebServer, headers: dict[str, str], pages: int = 16) -> set[int]:
    """Request pages in eight threads, after one response has arrived, and return the statuses."""
    assert server.ask("/calls", headers)[0] == 200
    with ThreadPoolExecutor(8) as people:
        return {status for status, _ in people.map(lambda _: server.ask("/calls", headers), range(pages))}


@pytest.mark.parametrize("slow", [Slow.HEAD, Slow.BODY])
def test_two_hundred_slow_connections_keep_nobody_out(server: WebServer, headers: dict[str, str], slow: Slow) -> None:
    with slow_sockets(server.port, slow) as sockets:
        assert sockets.still_open == 200
        assert click(server, headers) == {200}


def test_slow_readers_of_what_took_a_place_keep_nobody_out(server: WebServer, headers: dict[str, str]) -> None:
    with reading(server, headers, 20):  # more than the one slot for files and the eight that wait for it
        assert click(server, headers) == {200}
        assert files_without_a_name(server) == 20


@pytest.mark.parametrize("slow", [Slow.HEAD, Slow.READING])
def test_a_head_that_does_not_end_and_an_answer_that_is_not_read_are_left(
    impatient_server: WebServer, headers: dict[str, str], slow: Slow
) -> None:
    server = impatient_server
    # The pause lasts beyond the end of the test: nothing is sent or read after the beginning.
    with slow_sockets(server.port, slow, count=3, path="/audit.csv", cookie=headers["Cookie"], pause=60) as sockets:
        wait_until(lambda: connections(server) == 0, seconds=20)
        assert sockets.answers.keys() <= {"", "HTTP/1.1 408 Request Timeout"}


def test_an_answer_that_is_read_by_the_byte_is_left(impatient_server: WebServer, headers: dict[str, str]) -> None:
    server = impatient_server
    with reading(server, headers, 3):
        wait_until(lambda: files_without_a_name(server) == 3)
        wait_until(lambda: files_without_a_name(server) == 0, seconds=20)


def test_as_many_connections_are_let_in_as_the_system_allows(server: WebServer) -> None:
    _soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)

    for process in processes(server):
        assert resource.prlimit(process, resource.RLIMIT_NOFILE) == (most, most)


def reading(server: WebServer, headers: dict[str, str], count: int) -> AbstractContextManager[SlowSockets]:
    """Open this many connections that read the trail byte by byte."""
    return slow_sockets(server.port, Slow.READING, count=count, path="/audit.csv", cookie=headers["Cookie"])


def processes(server: WebServer) -> list[int]:
    """Return the process IDs of the server and its web processes."""
    number = server.process.pid
    children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
    return [number, *map(int, children)]


def connections(server: WebServer) -> int:
    """Return the number of open connections on the server's side."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    fields = [line.split() for line in lines]
    return sum(1 for one in fields if one[1].endswith(f":{server.port:04X}") and one[3] == "01")


def files_without_a_name(server: WebServer) -> int:
    """Return the number of responses that are buffered in files, which have no name and are not shared memory."""
    count = 0
    for process in processes(server):
        for descriptor in Path(f"/proc/{process}/fd").iterdir():
            with suppress(FileNotFoundError):  # pytest captures output in files of that kind too
                target = str(descriptor.readlink())
                count += int(descriptor.name) > 2 and "(deleted)" in target and not target.startswith("/memfd:")
    return count


def test_a_body_that_takes_too_long_is_told_so_and_uses_up_nobodys_tries(server: WebServer) -> None:
    with slow_sockets(server.port, Slow.BODY) as sockets:
        wait_until(lambda: sockets.still_open == 0, seconds=60)

    assert sockets.answers == {"HTTP/1.1 408 Request Timeout": 200}
    _status, headers = server.ask("/login", method="POST")
    assert int(headers["x-ratelimit-limit"]) - int(headers["x-ratelimit-remaining"]) <= 1


@pytest.mark.parametrize(
    ("path", "status"), [("/login", 413), ("/nothing", 404), ("/calls", 405), ("/account/password", 303)]
)
def test_a_body_is_not_waited_for_where_it_would_be_refused(server: WebServer, path: str, status: int) -> None:
    length = 20_000_000 if status == 413 else 9_000_000
    connection = HTTPConnection(HOST, server.port, timeout=10)

    connection.putrequest("POST", path)
    connection.putheader("Content-Type", FORM)
    connection.putheader("Content-Length", str(length))
    connection.endheaders(b"email=")

    assert connection.getresponse().status == status
    connection.close()


def test_who_sends_all_of_what_is_refused_can_read_why(server: WebServer) -> None:
    connection = HTTPConnection(HOST, server.port, timeout=20)

    connection.request("POST", "/login", body=b"x" * 30_000_000, headers={"Content-Type": FORM})

    assert connection.getresponse().status == 413
    connection.close()


@pytest.mark.parametrize("pieces", [[b"email=a", b"&x=1"], [b"email=" + b"a" * 40_000, b"&x=1"]])
def test_a_body_that_comes_late_is_served_and_taken_back_once(
    server: WebServer, admin_engine: Engine, pieces: list[bytes]
) -> None:
    connection = HTTPConnection(HOST, server.port, timeout=20)

    def slowly() -> Iterator[bytes]:
        for piece in pieces:
            yield piece
            time.sleep(0.3)

    connection.request("POST", "/login", body=slowly(), headers={"Content-Type": FORM}, encode_chunked=True)
    response = connection.getresponse()

    assert response.status == 403  # the body was read, and has no CSRF token
    with admin_engine.connect() as connected:
        # Counted when it began, and taken back because a form without its token is no attempt.
        assert set(connected.scalars(text("SELECT hits FROM rate_limits"))) == {0}
    connection.close()


def test_a_body_without_an_end_is_cut_off(server: WebServer) -> None:
    connection = HTTPConnection(HOST, server.port, timeout=20)
    pieces = (b"x" * 65536 for _ in range(200))

    connection.request("POST", "/login", body=pieces, headers={"Content-Type": FORM}, encode_chunked=True)

    assert connection.getresponse().status == 413
    connection.close()


def test_what_is_told_on_the_wire_reaches_the_application(server: WebServer) -> None:
    with socket.create_connection((HOST, server.port)) as connection:
        connection.sendall(
            b"GET /nothing/%ff HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nConnection: close\r\n"
            b"X_Request_ID: underscores1\r\nX-Request-ID: hyphens-12\r\n\r\n"
        )
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    assert answer.startswith("HTTP/1.1 400")
    assert "x-request-id: hyphens-12\r\n" in answer
    assert r"can\u2019t be read" in answer


@pytest.mark.parametrize(
    ("path", "content_type", "body"),
    [
        ("/login", FORM, b"zz\r\n"),
        ("/login", FORM, b"3\r\nabc\r\nzz\r\n"),
        ("/login", FORM, b"3;a\nb\r\nabc\r\n0\r\n\r\n"),
        ("/login", "text/plain", b"zz\r\n"),
        ("/imports/new", FORM, b"zz\r\n"),
        ("/api/v1/tasks", "application/json", b"zz\r\n"),
        ("/nothing", FORM, b"zz\r\n"),
    ],
)
def test_a_body_that_breaks_the_protocol_gets_a_response_of_the_app(
    server: WebServer, log: Path, path: str, content_type: str, body: bytes
) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked"
    pipelined = b"GET /health/lb HTTP/1.1\r\nHost: localhost\r\n\r\n"
    response, text = exchange(server, head.encode() + b"\r\n\r\n" + body + pipelined)

    assert response.status == 400
    assert "default-src" in response.headers["Content-Security-Policy"]
    assert "The request ended before its content was complete" in text
    assert [line["status"] for line in lines_of(log, response.headers["X-Request-ID"])] == [400]


@pytest.mark.parametrize(
    "host",
    [
        "",
        "Host:\r\n",
        "Host: localhost\r\nHost: localhost\r\n",
        "Host: localhost,evil\r\n",
        "Host: user@localhost\r\n",
        "Host: localhost/evil\r\n",
        "Host: local host\r\n",
        "Host: localhost;evil\r\n",
        "Host: localhost:99999x\r\n",
        'Host: "><x\r\n',
        "Host: löcalhost\r\n",
        "Host: [::1\r\n",
    ],
)
def test_a_request_without_exactly_one_valid_host_is_refused_and_logged(
    server: WebServer, log: Path, host: str
) -> None:
    head = f"GET /health/lb HTTP/1.1\r\n{host}Accept: application/json\r\nConnection: close\r\n\r\n"
    response, text = exchange(server, head.encode())

    assert response.status == 400
    assert "exactly one valid host" in text
    assert [line["status"] for line in lines_of(log, response.headers["X-Request-ID"])] == [400]


@pytest.mark.parametrize(
    "lines",
    [
        "HTTP/1.1\r\nHost: localhost",
        "HTTP/1.1\r\nHost: 127.0.0.1:8000",
        "HTTP/1.1\r\nHost: web_1.internal.",
        "HTTP/1.1\r\nHost: [::1]:8000",
        "HTTP/1.0",
    ],
)
def test_a_valid_host_is_accepted(server: WebServer, lines: str) -> None:
    response, _text = exchange(server, f"GET /health/lb {lines}\r\nConnection: close\r\n\r\n".encode())

    assert response.status == 200


def exchange(server: WebServer, sent: bytes) -> tuple[HTTPResponse, str]:
    """Send these bytes, and return the response and its body, behind which the server must close the connection."""
    with socket.create_connection((HOST, server.port), timeout=20) as connection:
        connection.sendall(sent)
        response = HTTPResponse(connection)
        response.begin()
        length = response.length or 0
        text = response.fp.read().decode()
    assert len(text.encode()) == length, "something follows the response"
    return response, text


def lines_of(log: Path, request_id: str) -> list[dict[str, Any]]:
    """Return the lines of a request that has its response: they are written before it is sent."""
    lines = (json.loads(line) for line in log.read_text().splitlines() if request_id in line)
    return [line for line in lines if line["request_id"] == request_id]
