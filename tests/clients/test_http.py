"""Requests to other services: complete and small responses, and nothing that a hostile server or value could abuse."""

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask

from app.clients.http import PROVIDER, exchange, request
from app.clients.http_connection import Network
from app.clients.http_errors import EncodedReply, ExchangeRefused, ReplyTooLarge, Unreachable, UnsafeHeader, UnsafeUrl
from app.clients.http_request import Outgoing
from app.clients.public_addresses import AddressRefused
from tests.support.collector import Collector, response

CHUNKED = {"Transfer-Encoding": "chunked"}
LIMIT = PROVIDER.max_bytes


def chunked(body: bytes) -> bytes:
    return response(headers=CHUNKED, body=b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))


@contextmanager
def memory_peak() -> Iterator[Callable[[], int]]:
    """Yield a function that returns the most bytes that the block had in memory at a time."""
    tracemalloc.start()
    try:
        yield lambda: peak
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()


def test_a_request_returns_status_headers_and_body(server: Collector, network: Network) -> None:
    server.responses["/calls?page=2"] = response(404, {"X-Total": "7"}, b"none")

    reply = request("GET", server.url_of("/calls?page=2"), network=network)

    assert (reply.status, reply.headers["x-total"], reply.body) == (404, "7", b"none")


def test_a_post_sends_its_body_headers_and_credentials(server: Collector, network: Network) -> None:
    server.responses["/calls"] = response()
    headers, credentials = {"Content-Type": "text/plain"}, {"Authorization": "Basic secret"}

    request("POST", server.url_of("/calls"), headers=headers, credentials=credentials, body=b"hello", network=network)

    [received] = server.received
    assert (received.method, received.body) == ("POST", b"hello")
    assert received.headers["Host"] == f"localhost:{server.port}"
    assert (received.headers["Content-Type"], received.headers["Authorization"]) == ("text/plain", "Basic secret")
    assert received.headers["Accept-Encoding"] == "identity"


def test_by_default_only_the_internet_is_called(server: Collector) -> None:
    with pytest.raises(AddressRefused):
        request("GET", server.url)
    assert server.received == []


class TestSlowServers:
    @pytest.mark.parametrize(
        "start", [b"HTTP/1.1 200 OK\r\nX-Answer: ", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"]
    )
    def test_a_server_that_sends_a_letter_at_a_time_is_cut_off(
        self, app: Flask, server: Collector, network: Network, start: bytes
    ) -> None:
        server.dawdles, server.slow_start = True, start

        with app.app_context(), pytest.raises(Unreachable) as failure:
            request("GET", server.url, network=network, limits=replace(PROVIDER, whole_seconds=0.3))

        assert failure.value.sentence == "The server didn’t respond: it took too long"
        assert not server.has_finished_dawdling

    def test_redirects_share_the_time_of_one_request(
        self, app: Flask, server: Collector, network: Network, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.clients.http_connection.monotonic", lambda: 5.0 * len(server.received))
        for hop in range(3):
            server.redirect(f"/{hop}", to=f"/{hop + 1}")

        with app.app_context(), pytest.raises(Unreachable) as failure:
            request("GET", server.url_of("/0"), network=network)

        assert failure.value.sentence == "The server didn’t respond: it took too long"
        assert server.paths == ["/0", "/1"]


class TestSizes:
    @pytest.mark.parametrize("respond", [lambda body: response(body=body), chunked])
    def test_a_megabyte_is_read(self, server: Collector, network: Network, respond: Callable[[bytes], bytes]) -> None:
        server.responses["/"] = respond(bytes(LIMIT))

        assert request("GET", server.url_of("/"), network=network).body == bytes(LIMIT)

    def test_a_byte_more_is_refused_before_it_is_read(self, server: Collector, network: Network) -> None:
        server.responses["/"] = response(headers={"Content-Length": str(LIMIT + 1)})

        with pytest.raises(ReplyTooLarge):
            request("GET", server.url_of("/"), network=network)

    def test_a_byte_more_that_is_not_declared_is_refused(self, server: Collector, network: Network) -> None:
        server.responses["/"] = chunked(bytes(LIMIT + 1))

        with pytest.raises(ReplyTooLarge):
            request("GET", server.url_of("/"), network=network)

    def test_a_chunk_of_negative_size_does_not_bring_everything_into_memory(
        self, server: Collector, network: Network
    ) -> None:
        server.responses["/"] = response(headers=CHUNKED, body=b"-1\r\n" + bytes(8 * LIMIT))

        with memory_peak() as peak, pytest.raises(Unreachable):
            request("GET", server.url_of("/"), network=network)
        assert peak() < 4 * LIMIT

    @pytest.mark.parametrize(
        "encoded", [{"Content-Encoding": "gzip"}, {"Content-Encoding": "br"}, {"Transfer-Encoding": "gzip, chunked"}]
    )
    def test_a_compressed_response_is_refused(
        self, server: Collector, network: Network, encoded: dict[str, str]
    ) -> None:
        server.responses["/"] = response(headers=encoded, body=b"small")

        with pytest.raises(EncodedReply):
            request("GET", server.url_of("/"), network=network)

    @pytest.mark.parametrize(
        "part",
        [response(headers={"Content-Length": "10"}, body=b"half"), b"HTTP/1.1 200 OK\r\n\r\nhalf"],
        ids=["declared", "undeclared"],
    )
    def test_a_response_that_is_cut_short_is_a_failure(self, server: Collector, network: Network, part: bytes) -> None:
        server.responses["/"] = part

        with pytest.raises(Unreachable):
            request("GET", server.url_of("/"), network=network)

    def test_a_caller_that_needs_the_status_reads_no_body(self, server: Collector, network: Network) -> None:
        server.responses["/"] = response(headers={"Content-Length": str(LIMIT + 1), "Content-Encoding": "gzip"})

        with exchange(Outgoing("GET", server.url_of("/")), network, PROVIDER) as reply:
            assert (reply.status, reply.declared_bytes) == (200, LIMIT + 1)


class TestInjection:
    @pytest.mark.parametrize(
        ("name", "value"),
        [("X-Name", "a\r\nX-Role: owner"), ("X-Name", "a\nb"), ("X-Name\r\nX-Role", "a"), ("X-Name", "ключ")],
    )
    def test_a_header_with_a_line_break_is_refused(
        self, server: Collector, network: Network, name: str, value: str
    ) -> None:
        with pytest.raises(UnsafeHeader):
            request("GET", server.url, headers={name: value}, network=network)
        with pytest.raises(UnsafeHeader):
            request("GET", server.url, credentials={name: value}, network=network)
        assert server.received == []

    @pytest.mark.parametrize(
        "url",
        [
            "https://localhost/a\r\nX-Role: owner",
            "https://localhost/a\nb",
            "https://localhost/a b",
            "https://localhost/ä",
            "http://localhost/",
            "https://user:password@localhost/",
            "https://",
            "https://[::1/",
            "https://localhost:99999/",
            "file:///etc/passwd",
        ],
    )
    def test_a_url_that_is_not_plain_https_is_refused(self, network: Network, url: str) -> None:
        with pytest.raises(UnsafeUrl):
            request("GET", url, network=network)


def test_refusals_and_failures_differ_by_class() -> None:
    assert issubclass(AddressRefused, ExchangeRefused)
    assert not issubclass(Unreachable, ExchangeRefused)


def test_secrets_are_not_among_what_is_printed() -> None:
    outgoing = Outgoing("POST", "https://api.example", {"X-Key": "key"}, {"Authorization": "secret"}, b"body")

    assert [word for word in ("key", "secret", "body") if word in repr(outgoing)] == []
