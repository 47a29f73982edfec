"""Forbidden target addresses: private networks, in any notation and behind any host name."""

import socket
from typing import Any

import pytest

from app.clients.public_addresses import AddressRefused, NameUnknown, is_public, resolve
from app.models import OutboundStream
from tests.support.collector import Collector
from tests.trust.streams.conftest import Send, Stored

PRIVATE = (
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.1.2.3",
    "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
    "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:db8::1", "fec0::1", "3fff::1", "3fff:fff:ffff::1",
    "192.0.0.8", "192.0.0.9", "192.88.99.1", "::ffff:192.88.99.1", "2002:c058:6301::1", "64:ff9b::c000:8",
    "2606:4700::5efe:a00:1", "2606:4700::200:5efe:7f00:1", "2606:4700::5efe:808:808",
)  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_none_of_the_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "192.0.1.1", "192.88.98.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "3ffe:ffff::1"],
)
def test_a_public_one_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host", ["localhost", "127.1", "2130706433", "0x7f000001", "017700000001", "[::1]".strip("[]")]
)
def test_every_spelling_is_refused_by_what_it_means(host: str) -> None:
    with pytest.raises((AddressRefused, NameUnknown)):
        resolve(host, 443, allows_private=False)


def test_a_name_that_means_a_private_address_among_others_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(*_asked: Any, **_how: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", found)

    with pytest.raises(AddressRefused):
        resolve("siem.example", 443, allows_private=False)
    assert resolve("siem.example", 443, allows_private=True) == "8.8.8.8"


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_asked: Any, **_how: Any) -> list[Any]:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(NameUnknown):
        resolve("siem.example", 443, allows_private=False)


def test_a_stream_to_a_private_address_sends_nothing(
    app: Any, stream: OutboundStream, send: Send, collector: Collector, stored: Stored
) -> None:
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"stream_private_networks": False})
    send()

    assert collector.received == []
    assert "private network" in (stored(stream).last_error or "")
