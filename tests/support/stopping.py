"""Helper that temporarily announces the server's stop, which a real server never takes back."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.web import stopping


@contextmanager
def server_told_to_stop() -> Iterator[None]:
    """Announce the server's stop for the duration of the block."""
    stopping.announce_stop()
    try:
        yield
    finally:
        stopping._shared[0] = 0
