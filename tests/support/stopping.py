"""Telling the server to stop, and going on after it, which a server never does."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.web import stopping


@contextmanager
def server_told_to_stop() -> Iterator[None]:
    """The end is announced inside the block."""
    stopping.announce_stop()
    try:
        yield
    finally:
        stopping._shared[0] = 0
