"""Choice of a free port to listen on, and checks that a server responds."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
from flask import Flask

from app.server import ports
from app.server.ports import answers, claimed_port, free_port
from tests.support.browser import served

HOST = "127.0.0.1"


@pytest.fixture
def taken_port() -> Iterator[int]:
    with closing(socket.create_server((HOST, 0))) as listening:
        yield listening.getsockname()[1]


def test_a_free_port_is_taken_as_asked_for(taken_port: int) -> None:
    free = free_port(HOST, taken_port)
    assert free_port(HOST, free) == free


def test_two_who_start_at_once_do_not_get_the_same_port(taken_port: int) -> None:
    with claimed_port(HOST, taken_port) as first, claimed_port(HOST, first) as second:
        assert second > first
        with closing(socket.create_server((HOST, first), reuse_port=True)):  # it can still be listened on
            pass
    with claimed_port(HOST, first) as again:
        assert again == first


def test_a_taken_port_gives_way_to_the_next_free_one(taken_port: int) -> None:
    assert taken_port < free_port(HOST, taken_port) < taken_port + 50


def test_the_search_for_a_free_port_comes_to_an_end(taken_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_TRIES", 1)
    with pytest.raises(OSError, match="all in use"):
        free_port(HOST, taken_port)


@pytest.mark.parametrize("elsewhere", ["192.0.2.1", "999.1.1.1"])
def test_an_address_that_is_not_this_machines_is_not_called_taken(elsewhere: str) -> None:
    with pytest.raises(OSError, match=f"Port 8000 of {elsewhere} can’t be used: "):
        free_port(elsewhere, 8000)


def test_any_answer_counts_and_silence_does_not(taken_port: int) -> None:
    with served(Flask("empty")) as address:
        port = int(address.rsplit(":", 1)[1])
        assert answers(HOST, port, "/nowhere")
    assert not answers(HOST, port, "/nowhere")
