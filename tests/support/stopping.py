"""Announcing the server's stop, and continuing after it, which a real server never does."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.web import stopping


@contextmanager
def server_told_to_stop() -> Iterator[None]:
    """Announce the stop inside the block."""
    stopping.announce_stop()
    try:
        yield
    finally:
        stopping._shared[0] = 0
