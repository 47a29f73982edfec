"""Servers that run in a thread during a test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer

#: Interval at which a server checks whether to stop. The default of half a second would delay every test.
_POLL_SECONDS = 0.01


@contextmanager
def serving(server: BaseServer) -> Iterator[None]:
    """Run `server` in a thread until the block ends, then close it."""
    thread = threading.Thread(
        target=server.serve_forever, args=(_POLL_SECONDS,), name=type(server).__name__, daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
