"""Where to listen, and whether somebody answers."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
from flask import Flask

from app.server.ports import answers, free_port
from tests.support.browser import served

HOST = "127.0.0.1"


@pytest.fixture
def taken_port() -> Iterator[int]:
    with closing(socket.create_server((HOST, 0))) as listening:
        yield listening.getsockname()[1]


def test_a_free_port_is_taken_as_asked_for(taken_port: int) -> None:
    free = free_port(HOST, taken_port)
    assert free_port(HOST, free) == free


def test_a_taken_port_gives_way_to_the_next_free_one(taken_port: int) -> None:
    assert taken_port < free_port(HOST, taken_port) < taken_port + 50


def test_the_last_port_has_no_next() -> None:
    with pytest.raises(OSError, match="all taken"):
        free_port("192.0.2.1", 65535)  # no address of this machine: nothing can listen there


def test_any_answer_counts_and_silence_does_not(taken_port: int) -> None:
    with served(Flask("empty")) as address:
        port = int(address.rsplit(":", 1)[1])
        assert answers(HOST, port, "/nowhere")
    assert not answers(HOST, port, "/nowhere")
