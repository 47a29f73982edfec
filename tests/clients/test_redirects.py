"""Redirects: three at most, each checked like the first URL, and credentials for the first host only."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.clients import public_addresses
from app.clients.http import request
from app.clients.http_connection import Network
from app.clients.http_errors import TooManyRedirects, UnsafeUrl
from app.clients.public_addresses import AddressRefused, is_public
from tests.support.collector import Collector, response

KEY = {"Authorization": "Basic secret"}


@pytest.fixture
def neighbor(tmp_path: Path) -> Iterator[Collector]:
    """A second server on another port, with the certificate of the first."""
    with Collector(tmp_path) as neighbor:
        yield neighbor


def authorized(server: Collector) -> list[tuple[str, bool]]:
    """Return the paths of the requests, each with whether it had the credentials."""
    return [(received.path, "Authorization" in received.headers) for received in server.received]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_three_redirects_are_followed(server: Collector, network: Network, status: int) -> None:
    server.redirect("/a", to="/b", status=status)
    server.redirect("/b", to="c", status=status)
    server.redirect("/c", to=server.url_of("/d?e=1"), status=status)
    server.responses["/d?e=1"] = response(body=b"here")

    assert request("GET", server.url_of("/a"), network=network).body == b"here"


def test_a_fourth_is_not(server: Collector, network: Network) -> None:
    for hop in range(4):
        server.redirect(f"/{hop}", to=f"/{hop + 1}")

    with pytest.raises(TooManyRedirects):
        request("GET", server.url_of("/0"), network=network)
    assert server.paths == ["/0", "/1", "/2", "/3"]


@pytest.mark.parametrize(
    "target",
    ["http://localhost/", "//user@localhost/", "https://[::1/", "https://localhost:99999/", "ftp://localhost/"],
)
def test_a_redirect_to_what_is_not_plain_https_is_refused(server: Collector, network: Network, target: str) -> None:
    server.redirect("/", to=target)

    with pytest.raises(UnsafeUrl):
        request("GET", server.url_of("/"), network=network)


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]"])
def test_a_redirect_into_a_private_network_is_refused(
    server: Collector, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setattr(public_addresses, "is_public", lambda address: address == "127.0.0.1" or is_public(address))
    server.redirect("/", to=f"https://{host}/latest/meta-data")

    with pytest.raises(AddressRefused):
        request("GET", server.url_of("/", host="127.0.0.1"), network=Network(ca_file=server.certificate))
    assert server.paths == ["/"]


@pytest.mark.parametrize(
    ("status", "method", "body", "media_type"),
    [
        (301, "GET", b"", None),
        (302, "GET", b"", None),
        (303, "GET", b"", None),
        (307, "POST", b"{}", "application/json"),
        (308, "POST", b"{}", "application/json"),
    ],
)
def test_a_post_goes_on_as_the_redirect_says(
    server: Collector, network: Network, status: int, method: str, body: bytes, media_type: str | None
) -> None:
    server.redirect("/a", to="/b", status=status)
    server.responses["/b"] = response()
    headers = {"Content-Type": "application/json", "X-Kept": "yes"}

    request("POST", server.url_of("/a"), headers=headers, body=b"{}", network=network)

    last = server.received[-1]
    assert (last.method, last.body, last.headers.get("Content-Type")) == (method, body, media_type)
    assert last.headers["X-Kept"] == "yes"


class TestCredentials:
    def test_they_stay_with_the_first_host(self, server: Collector, network: Network) -> None:
        server.redirect("/a", to="/b")
        server.responses["/b"] = response()

        request("GET", server.url_of("/a"), credentials=KEY, network=network)

        assert authorized(server) == [("/a", True), ("/b", True)]

    def test_another_host_does_not_get_them_nor_the_first_after_it(self, server: Collector, network: Network) -> None:
        server.redirect("/a", to=server.url_of("/b", host="127.0.0.1"))
        server.redirect("/b", to=server.url_of("/c"))
        server.responses["/c"] = response()

        request("GET", server.url_of("/a"), credentials=KEY, network=network)

        assert authorized(server) == [("/a", True), ("/b", False), ("/c", False)]

    def test_nor_does_another_port(self, server: Collector, neighbor: Collector, network: Network) -> None:
        server.redirect("/a", to=neighbor.url_of("/b"))
        neighbor.responses["/b"] = response()

        request("GET", server.url_of("/a"), credentials=KEY, network=network)

        assert authorized(neighbor) == [("/b", False)]
