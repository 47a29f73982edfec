"""A server that the HTTP client reaches in a private network."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.clients.http_connection import Network
from tests.support.collector import Collector


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Collector]:
    """A server with a self-signed certificate."""
    with Collector(tmp_path) as server:
        yield server


@pytest.fixture
def network(server: Collector) -> Network:
    """A policy that allows private networks and trusts the server's certificate."""
    return Network(allows_private=True, ca_file=server.certificate)
