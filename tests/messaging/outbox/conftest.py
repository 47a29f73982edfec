"""A mail server that speaks SMTP, and what came in."""

from collections.abc import Iterator

import pytest

from tests.support.mail_server import FakeMailServer


@pytest.fixture
def mail_server() -> Iterator[FakeMailServer]:
    """It runs for the time of a test."""
    with FakeMailServer() as server:
        yield server
